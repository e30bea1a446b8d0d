/// The name of a file in a list of lines: as it is where it is plain text, else in quotes and with escapes, as Git writes it.
struct ConflictName {
    let text: String

    init(text: String) {
        self.text = text
    }

    /// `git` is what Git printed under `core.quotePath`, which escapes more than need be.
    init(git: String) {
        let bytes = ConflictName(text: git).bytes
        let isPlain = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f } && bytes.first != UInt8(ascii: "\"")
        text = (isPlain ? String(validating: bytes, as: UTF8.self) : nil) ?? git
    }

    /// The name itself, which may be no text at all.
    var bytes: [UInt8] {
        let all = Array(text.utf8)
        let quote = UInt8(ascii: "\"")
        guard all.count >= 2, all.first == quote, all.last == quote else { return all }
        var name: [UInt8] = []
        var rest = all.dropFirst().dropLast()
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                name.append(byte)
                continue
            }
            let digits = [escaped] + rest.prefix(2)
            if digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                name.append(value)
                rest = rest.dropFirst(2)
            } else {
                name.append(ConflictName.escapes[escaped] ?? escaped)
            }
        }
        return name
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "v"): 11,
        UInt8(ascii: "f"): 12, UInt8(ascii: "r"): 13,
    ]
}
