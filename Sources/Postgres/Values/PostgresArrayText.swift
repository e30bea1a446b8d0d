/// The server's text form of a one-dimensional array; see the manual, "Array Input and Output Syntax".
enum PostgresArrayText {
    static func encode(_ elements: [String?]) -> String {
        var text = "{"
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            guard let element else {
                text += "NULL"
                continue
            }
            text += "\""
            // Keys and names, as a rule: nothing to escape.
            if element.utf8.allSatisfy({ $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
                text += element
            } else {
                for character in element.unicodeScalars {
                    if character == "\"" || character == "\\" { text += "\\" }
                    text.unicodeScalars.append(character)
                }
            }
            text += "\""
        }
        return text + "}"
    }

    /// The elements, `nil` for NULL; `nil` as a whole for text that is no one-dimensional array.
    static func decode(_ text: String) -> [String?]? {
        var rest = text.utf8[...]
        guard rest.popFirst() == UInt8(ascii: "{"), rest.popLast() == UInt8(ascii: "}") else { return nil }
        guard !rest.isEmpty else { return [] }
        var elements: [String?] = []
        while true {
            guard let element = nextElement(&rest) else { return nil }
            elements.append(element)
            guard let separator = rest.popFirst() else { return elements }
            guard separator == UInt8(ascii: ",") else { return nil }
        }
    }

    private static func nextElement(_ rest: inout Substring.UTF8View) -> String?? {
        if rest.first == UInt8(ascii: "\"") { return quotedElement(&rest).map { .some($0) } }
        let raw = rest.prefix { $0 != UInt8(ascii: ",") }
        guard !raw.isEmpty, !raw.contains(UInt8(ascii: "{")) else { return nil }
        rest = rest[raw.endIndex...]
        let text = String(Substring(raw))
        return .some(text == "NULL" ? nil : text)
    }

    private static func quotedElement(_ rest: inout Substring.UTF8View) -> String? {
        rest.removeFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                bytes.append(escaped)
            default: bytes.append(byte)
            }
        }
        return nil
    }
}
