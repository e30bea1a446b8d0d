/// A range of IPv4 addresses that is not, or not only, the public Internet.
struct SpecialRange: Sendable {
    private let base: UInt32
    private let length: UInt32
    private let addressClass: AddressClass

    /// The first match decides, so single addresses stand before the ranges around them.
    private static let known = [
        SpecialRange(169, 254, 0, 0, 16, .metadata),
        SpecialRange(100, 100, 100, 200, 32, .metadata),  // Alibaba Cloud
        SpecialRange(168, 63, 129, 16, 32, .metadata),  // Azure's host
        SpecialRange(192, 0, 0, 192, 32, .metadata),  // Oracle Cloud
        SpecialRange(127, 0, 0, 0, 8, .loopback),
        // Linux connects 0.0.0.0 to itself.
        SpecialRange(0, 0, 0, 0, 32, .loopback),
        SpecialRange(10, 0, 0, 0, 8, .private),
        SpecialRange(172, 16, 0, 0, 12, .private),
        SpecialRange(192, 168, 0, 0, 16, .private),
        SpecialRange(100, 64, 0, 0, 10, .private),
        SpecialRange(0, 0, 0, 0, 8, .reserved),
        SpecialRange(192, 0, 0, 0, 24, .reserved),
        SpecialRange(192, 0, 2, 0, 24, .reserved),
        SpecialRange(192, 88, 99, 0, 24, .reserved),
        SpecialRange(198, 18, 0, 0, 15, .reserved),
        SpecialRange(198, 51, 100, 0, 24, .reserved),
        SpecialRange(203, 0, 113, 0, 24, .reserved),
        SpecialRange(224, 0, 0, 0, 3, .reserved),
    ]

    private init(
        _ first: UInt32, _ second: UInt32, _ third: UInt32, _ fourth: UInt32, _ length: UInt32,
        _ addressClass: AddressClass
    ) {
        base = first << 24 | second << 16 | third << 8 | fourth
        self.length = length
        self.addressClass = addressClass
    }

    /// Where the IPv4 address with these bits leads.
    static func addressClass(of bits: UInt32) -> AddressClass {
        known.first { bits >> (32 - $0.length) == $0.base >> (32 - $0.length) }?.addressClass ?? .global
    }
}
