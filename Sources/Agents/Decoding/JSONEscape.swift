/// The escapes of JSON strings.
enum JSONEscape {
    private static let replacement: Unicode.Scalar = "\u{FFFD}"

    /// What a letter behind a backslash stands for; 0 for `u` and for letters without a meaning.
    @inline(__always)
    static func plain(_ letter: UInt8) -> UInt8 {
        // Constants only, so that it becomes a table.
        switch letter {
        case UInt8(ascii: "\""): UInt8(ascii: "\"")
        case UInt8(ascii: "\\"): UInt8(ascii: "\\")
        case UInt8(ascii: "/"): UInt8(ascii: "/")
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: 0
        }
    }

    /// The character of the escape `\uXXXX` that begins at `index`, with its second half where it has one; `index` is
    /// moved behind it. Nil where there is no such escape.
    ///
    /// Half a surrogate pair and U+0000 mean the replacement character.
    static func scalar(in bytes: Span<UInt8>, at index: inout Int) -> Unicode.Scalar? {
        guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "u"),
            let unit = unit(in: bytes, at: index + 2)
        else { return nil }
        index += 6
        guard 0xD800..<0xDC00 ~= unit else { return unit == 0 ? replacement : Unicode.Scalar(unit) ?? replacement }
        guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return replacement
        }
        guard let second = Self.unit(in: bytes, at: index + 2) else { return nil }
        guard 0xDC00..<0xE000 ~= second else { return replacement }
        index += 6
        return Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00)) ?? replacement
    }

    /// Four hexadecimal digits.
    private static func unit(in bytes: Span<UInt8>, at index: Int) -> UInt32? {
        guard index + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for position in index..<(index + 4) {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return unit
    }
}
