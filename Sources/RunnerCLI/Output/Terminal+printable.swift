extension Terminal {
    /// Program output for a screen: bytes as they are in a pipe; on a terminal without sequences that could steer it.
    static func printable(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard isOutputTerminal else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 32 && scalar != "\n" && scalar != "\t" || (127..<160).contains(scalar.value)
            result.append(isControl ? "\u{FFFD}" : scalar)
        }
        return String(result)
    }
}
