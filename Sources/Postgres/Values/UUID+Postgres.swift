package import Foundation

/// Sent in binary, also in arrays: every statement names several, and as text they were a fifth of the client's work.
extension UUID: PostgresEncodable, PostgresDecodable {
    package var postgresText: String? { nil }
    package var postgresBytes: [UInt8]? { withUnsafeBytes(of: uuid) { Array($0) } }
    package static var postgresOID: UInt32 { 2950 }

    /// Reads what the server prints, in either case; by hand, because `UUID(uuidString:)` goes through `sscanf`.
    package init?(postgresText text: String) {
        var text = text
        guard let value = text.withUTF8(UUID.value) else { return nil }
        self.init(uuid: value)
    }

    private static func value(of text: UnsafeBufferPointer<UInt8>) -> uuid_t? {
        guard text.count == 36 else { return nil }
        var value: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isRead = withUnsafeMutableBytes(of: &value) { bytes in
            var place = 0
            for index in 0..<16 {
                if place == 8 || place == 13 || place == 18 || place == 23 {
                    guard text[place] == UInt8(ascii: "-") else { return false }
                    place += 1
                }
                guard let high = digit(text[place]), let low = digit(text[place + 1]) else { return false }
                bytes[index] = high << 4 | low
                place += 2
            }
            return true
        }
        return isRead ? value : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension UUID: PostgresArrayElement {
    package static var postgresArrayOID: UInt32 { 2951 }

    /// As the server's `array_recv` reads it: dimensions, whether there are NULLs, the elements' type; then, unless it is
    /// empty, its length and first index, and each element with its length.
    package static func encode(array: [UUID]) -> (text: String?, bytes: [UInt8]?) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + 20 * array.count)
        func append(_ number: Int) {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: number).bigEndian) { bytes += $0 }
        }
        append(array.isEmpty ? 0 : 1)
        append(0)
        append(Int(postgresOID))
        guard !array.isEmpty else { return (nil, bytes) }
        append(array.count)
        append(1)
        for element in array {
            append(16)
            withUnsafeBytes(of: element.uuid) { bytes += $0 }
        }
        return (nil, bytes)
    }
}
