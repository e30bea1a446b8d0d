/// An IPv4 or IPv6 address as a number, without a zone.
package enum IPAddress: Hashable, Sendable, CustomStringConvertible {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)

    /// Reads a canonical dotted quad or any RFC 4291 spelling of IPv6, without brackets and zone.
    package init?(_ text: some StringProtocol) {
        let text = Substring(text)
        if let quad = Self.quad(text) {
            self = .v4(quad)
        } else if let groups = Self.groups(text) {
            let halves = groups.reduce(into: (high: UInt64(0), low: UInt64(0))) { halves, group in
                halves.high = halves.high << 16 | halves.low >> 48
                halves.low = halves.low << 16 | UInt64(group)
            }
            self = .v6(high: halves.high, low: halves.low)
        } else {
            return nil
        }
    }

    /// Reads the 4 or 16 bytes of a socket address in network order.
    package init?(networkBytes bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            self = .v6(
                high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
        default: return nil
        }
    }

    /// The dotted quad, or the spelling of RFC 5952 with hexadecimal groups only.
    package var description: String {
        switch self {
        case .v4(let bits):
            return [24, 16, 8, 0].map { String(bits >> $0 & 0xFF) }.joined(separator: ".")
        case .v6(let high, let low):
            let groups = [high, low].flatMap { half in [48, 32, 16, 0].map { half >> $0 & 0xFFFF } }
            return Self.compressed(groups)
        }
    }

    private static func quad(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard part.utf8.allSatisfy(isDigit), (1...3).contains(part.utf8.count), part == "0" || !part.hasPrefix("0"),
                let octet = UInt8(part)
            else { return nil }
            bits = bits << 8 | UInt32(octet)
        }
        return bits
    }

    /// The eight groups, or nil when `text` is no IPv6 address.
    private static func groups(_ text: Substring) -> [UInt16]? {
        guard text.utf8.count <= 45 else { return nil }
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard let first = halves.first, let last = halves.last, halves.count <= 2 else { return nil }
        guard halves.count == 2 else {
            return groups(first, mayEndInQuad: true).flatMap { $0.count == 8 ? $0 : nil }
        }
        guard let head = first.isEmpty ? [] : groups(first, mayEndInQuad: false),
            let tail = last.isEmpty ? [] : groups(last, mayEndInQuad: true), head.count + tail.count <= 7
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring, mayEndInQuad: Bool) -> [UInt16]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInQuad, index == parts.count - 1, let quad = quad(part) {
                groups += [UInt16(quad >> 16), UInt16(quad & 0xFFFF)]
            } else {
                guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    /// Replaces the first longest run of two or more zero groups by `::`.
    private static func compressed(_ groups: [UInt64]) -> String {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > max(best.count, 1) { best = start..<index }
            start = index + 1
        }
        func joined(_ part: ArraySlice<UInt64>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard !best.isEmpty else { return joined(groups[...]) }
        return joined(groups[..<best.lowerBound]) + "::" + joined(groups[best.upperBound...])
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
