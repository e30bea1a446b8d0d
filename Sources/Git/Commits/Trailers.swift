/// The `Key: value` lines at the end of a commit message (git-interpret-trailers).
package enum Trailers {
    /// Adds trailers to a message: in its own last paragraph, or in the trailer block that it ends with.
    ///
    /// A trailer already there with the same value is not repeated, and one whose key is no trailer key is dropped.
    /// A value becomes one line; an empty one is left out. The result ends in one line feed.
    package static func compose(_ message: String, _ trailers: [(key: String, value: String)]) -> String {
        let body = trimmed(message)
        let paragraphs = body.split(separator: "\n\n", omittingEmptySubsequences: true)
        let last = paragraphs.count > 1 ? paragraphs.last.map { $0.split(separator: "\n") } ?? [] : []
        let endsInBlock = isBlock(last)
        var lines: [String] = []
        for trailer in trailers {
            let value = oneLine(trailer.value)
            let line = "\(trailer.key): \(value)"
            guard isKey(trailer.key), !value.isEmpty, !lines.contains(line) else { continue }
            if endsInBlock, last.contains(where: { $0 == line }) { continue }
            lines.append(line)
        }
        if lines.isEmpty { return body + "\n" }
        let separator = body.isEmpty ? "" : endsInBlock ? "\n" : "\n\n"
        return body + separator + lines.joined(separator: "\n") + "\n"
    }

    /// The trailers that a message ends with, in order.
    package static func parse(_ message: String) -> [(key: String, value: String)] {
        let paragraphs = trimmed(message).split(separator: "\n\n", omittingEmptySubsequences: true)
        guard paragraphs.count > 1, let last = paragraphs.last?.split(separator: "\n"), isBlock(last) else { return [] }
        var found: [(key: String, value: String)] = []
        for line in last {
            if line.first == " " || line.first == "\t", let previous = found.popLast() {
                found.append((previous.key, previous.value + " " + oneLine(String(line))))
            } else if let colon = line.firstIndex(of: ":") {
                found.append((String(line[..<colon]), oneLine(String(line[line.index(after: colon)...]))))
            }
        }
        return found
    }

    /// Whether every line is a trailer or the continuation of one.
    private static func isBlock(_ lines: [Substring]) -> Bool {
        guard let first = lines.first, first.first != " ", first.first != "\t" else { return false }
        return lines.allSatisfy { line in
            if line.first == " " || line.first == "\t" { return true }
            guard let colon = line.firstIndex(of: ":") else { return false }
            return isKey(String(line[..<colon]))
        }
    }

    private static func isKey(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == UInt8(ascii: "-")
            }
    }

    /// Without zero bytes, carriage returns at line ends, and blank lines or spaces around; blank lines inside are kept
    /// as one.
    private static func trimmed(_ message: String) -> String {
        var lines: [String] = []
        for raw in message.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false) {
            var line = String(raw.filter { $0 != "\0" })
            while let last = line.last, last.isWhitespace { line.removeLast() }
            if line.isEmpty, lines.last?.isEmpty ?? true { continue }
            lines.append(line)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private static func oneLine(_ value: String) -> String {
        value.split { $0.isWhitespace || $0.isNewline || $0 == "\0" }.joined(separator: " ")
    }
}
