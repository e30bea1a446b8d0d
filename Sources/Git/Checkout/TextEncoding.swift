import CPlatform

/// Text between UTF-8, as Git stores it, and the `working-tree-encoding` of a path.
enum TextEncoding {
    /// The text in `encoding`; nil when it needs no change or cannot be said in it, as `git` then leaves it alone.
    static func encode(_ text: UnsafeRawBufferPointer, to encoding: String) -> [UInt8]? {
        if text.isEmpty { return nil }
        switch plain(encoding) {
        case "UTF8": return nil
        case "UTF16LEBOM": return convert(text, from: "UTF-8", to: "UTF-16LE").map { [0xFF, 0xFE] + $0 }
        case "UTF16BEBOM": return convert(text, from: "UTF-8", to: "UTF-16BE").map { [0xFE, 0xFF] + $0 }
        default: return convert(text, from: "UTF-8", to: encoding)
        }
    }

    /// The text in UTF-8; nil when it needs no change or is not valid in `encoding`.
    static func decode(_ text: UnsafeRawBufferPointer, from encoding: String) -> [UInt8]? {
        if text.isEmpty { return nil }
        switch plain(encoding) {
        case "UTF8": return nil
        case "UTF16LEBOM", "UTF16BEBOM": return convert(text, from: "UTF-16", to: "UTF-8")
        default: return convert(text, from: encoding, to: "UTF-8")
        }
    }

    private static func plain(_ name: String) -> String {
        name.uppercased().filter { $0 != "-" && $0 != "_" }
    }

    private static func convert(_ text: UnsafeRawBufferPointer, from: String, to: String) -> [UInt8]? {
        var output = [UInt8](repeating: 0, count: text.count * 4 + 16)
        let count = output.withUnsafeMutableBytes { buffer in
            runner_convert(
                to, from, text.baseAddress?.assumingMemoryBound(to: CChar.self), text.count,
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        return count < 0 ? nil : Array(output.prefix(count))
    }
}
