import CLibgit2

/// The name of a Git object: 40 lower-case hexadecimal digits, always.
package struct ObjectID: Hashable, Sendable, Codable, CustomStringConvertible {
    package let hex: String

    /// Fails unless `hex` is a full SHA-1 in hexadecimal.
    package init?(_ hex: String) {
        guard hex.utf8.count == 40, hex.utf8.allSatisfy(Self.isHexDigit) else { return nil }
        self.hex = hex.lowercased()
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ObjectID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a Git object id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }

    package var description: String { hex }

    /// The first ten digits, for people.
    package var short: String { String(hex.prefix(10)) }

    init(_ oid: git_oid) {
        var oid = oid
        hex = String(unsafeUninitializedCapacity: 40) { text in
            text.withMemoryRebound(to: CChar.self) { _ = git_oid_fmt($0.baseAddress, &oid) }
            return 40
        }
    }

    var oid: git_oid {
        var oid = git_oid()
        git_oid_fromstr(&oid, hex)
        return oid
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
