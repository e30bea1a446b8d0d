/// Where an address leads, from the most harmless to the most dangerous.
package enum AddressClass: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// A unicast address of the public Internet.
    case global = "public"
    /// Multicast, documentation, benchmark, unassigned and other special-purpose ranges.
    case reserved
    /// RFC 1918, carrier-grade NAT, unique local and site-local ranges.
    case `private`
    case loopback
    /// Link-local, or the metadata service of a cloud.
    case metadata

    /// The refusal that this class earns, nil for a public address.
    package var refusal: URLRefusal? {
        switch self {
        case .global: nil
        case .reserved, .private, .loopback: .privateAddress
        case .metadata: .metadataAddress
        }
    }

    package static func < (left: AddressClass, right: AddressClass) -> Bool {
        left.severity < right.severity
    }

    private var severity: Int {
        switch self {
        case .global: 0
        case .reserved: 1
        case .private: 2
        case .loopback: 3
        case .metadata: 4
        }
    }
}
