extension IPAddress {
    /// Where the address leads; an IPv6 address that embeds an IPv4 address is as dangerous as that one.
    ///
    /// Ranges: the IANA special-purpose registries (RFC 6890) and the metadata addresses that clouds document.
    package var addressClass: AddressClass {
        switch self {
        case .v4(let bits): SpecialRange.addressClass(of: bits)
        case .v6(let high, let low): Self.classify(high, low)
        }
    }

    private static func classify(_ high: UInt64, _ low: UInt64) -> AddressClass {
        let embedded = embeddedAddresses(high, low).map(SpecialRange.addressClass)
        return ([ownClass(high, low)] + embedded).max() ?? .reserved
    }

    /// The class of the range itself; a form that only carries an IPv4 address is public here.
    private static func ownClass(_ high: UInt64, _ low: UInt64) -> AddressClass {
        if high == 0 {
            switch low {
            case 0, 1: return .loopback
            case 0xFFFF_0000_0000...0xFFFF_FFFF_FFFF: return .global  // mapped
            case 0xFFFF_0000_0000_0000...0xFFFF_0000_FFFF_FFFF: return .global  // translated (RFC 2765)
            default: return .reserved  // compatible, deprecated
            }
        }
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return .global }  // NAT64
        if high >> 16 == 0x0064_FF9B_0001 { return .private }  // NAT64 of one network (RFC 8215)
        if high >> 54 == 0xFE80 >> 6 { return .metadata }
        if high >> 54 == 0xFEC0 >> 6 { return .private }
        if high >> 57 == 0xFC >> 1 {
            return metadataServices.contains(.v6(high: high, low: low)) ? .metadata : .private
        }
        guard high >> 61 == 0b001 else { return .reserved }
        let isReserved =
            high >> 32 == 0x2001_0DB8 || high >> 44 == 0x3FFF0 || high >> 41 == 0x2001_0000 >> 9
        return isReserved ? .reserved : .global
    }

    /// Metadata services inside unique local ranges: Amazon, Google, Scaleway.
    private static let metadataServices: Set<IPAddress> = [
        .v6(high: 0xFD00_0EC2_0000_0000, low: 0x254), .v6(high: 0xFD20_00CE_0000_0000, low: 0x254),
        .v6(high: 0xFD00_0042_0000_0000, low: 0x42),
    ]

    /// Every IPv4 address that a router or translator could take out of the address.
    private static func embeddedAddresses(_ high: UInt64, _ low: UInt64) -> [UInt32] {
        let tail = UInt32(truncatingIfNeeded: low)
        if high == 0 { return low > 1 ? [tail] : [] }
        var found: [UInt32] = []
        if high >> 48 == 0x2002 { found.append(UInt32(truncatingIfNeeded: high >> 16)) }  // 6to4
        if high >> 32 == 0x2001_0000 { found += [UInt32(truncatingIfNeeded: high), ~tail] }  // Teredo
        if high >> 32 == 0x0064_FF9B {
            // RFC 6052: the address stands behind a prefix of 96, 64, 56 or 48 bits, and skips bits 64 to 71.
            let at48 = UInt32(truncatingIfNeeded: (high & 0xFFFF) << 16 | low >> 40 & 0xFFFF)
            let at56 = UInt32(truncatingIfNeeded: (high & 0xFF) << 24 | low >> 32 & 0xFF_FFFF)
            let at64 = UInt32(truncatingIfNeeded: low >> 24)
            found += high >> 16 == 0x0064_FF9B_0001 ? [tail, at48, at56, at64] : [tail]
        }
        if low >> 32 & 0xFDFF_FFFF == 0x0000_5EFE { found.append(tail) }  // ISATAP
        // A translator's own prefix is unknown here; the best known target is refused behind all of them.
        if tail == 0xA9FE_A9FE { found.append(tail) }
        return found
    }
}
