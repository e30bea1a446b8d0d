/// The server's `hex` output of a `bytea`: `\x` and two digits for each byte.
enum PostgresByteText {
    static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { digits in
            guard digits.count >= 2, digits.count % 2 == 0, digits[0] == UInt8(ascii: "\\"),
                digits[1] == UInt8(ascii: "x")
            else { return nil }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(digits.count / 2 - 1)
            for index in stride(from: 2, to: digits.count, by: 2) {
                guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
                bytes.append(high << 4 | low)
            }
            return bytes
        }
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
