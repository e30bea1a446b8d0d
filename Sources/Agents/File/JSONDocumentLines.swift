import RunnerCore

/// Finds JSON in lines that are no objects by themselves: a document that goes over many lines, and events of a server
/// (`data: {…}`).
struct JSONDocumentLines: Sendable {
    /// Of a document that has begun.
    private var text = ""

    /// What is longer is taken for text.
    private static let maximumBytes = 4 << 20

    /// Takes a line that is a value by itself, and is part of a document all the same where one has begun; else false.
    mutating func keep(_ line: Span<UInt8>) -> Bool {
        guard !text.isEmpty, let first = line.isEmpty ? nil : line[0], first == 0x20 || first == 0x09 else {
            return false
        }
        text += String(outputLine: line) + "\n"
        return true
    }

    /// Takes a line; the value that it completes. Nil also for a line that is a document's beginning, which may be text
    /// all the same.
    mutating func take(_ line: String) -> JSONValue? {
        var line = line[...]
        if line.hasPrefix("\u{FEFF}") { line = line.dropFirst() }
        if line.hasPrefix("data:") { line = line.dropFirst(5) }
        let trimmed = line.drop { $0 == " " }
        if text.isEmpty {
            guard let first = trimmed.first, "{[".contains(first) else { return nil }
            if let value = JSONValue(json: Array(trimmed.utf8)) { return value }
            // A whole document's first line stands at the margin.
            guard trimmed.count == line.count else { return nil }
        } else if let first = line.first, first == "{" || first == "[" {
            text = ""
        }
        text += line + "\n"
        guard text.utf8.count <= Self.maximumBytes else {
            text = ""
            return nil
        }
        guard let first = line.first, first == "}" || first == "]" else { return nil }
        // What is no document then is none: so each line is read once.
        defer { text = "" }
        return JSONValue(json: Array(text.utf8))
    }
}
