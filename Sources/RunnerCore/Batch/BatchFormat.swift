/// How a file holds tasks.
package enum BatchFormat: String, Sendable, CaseIterable {
    /// A task a line; blank lines are left out.
    case lines
    /// A header that names the columns, and a task a record.
    case csv
    /// An array of texts or objects, or one object.
    case json
    /// A text or an object a line.
    case jsonl

    /// By the name's ending where it is one of ours, else by what the text begins with.
    static func recognised(file: String, text: String) -> BatchFormat {
        let name = file.lowercased()
        if name.hasSuffix(".csv") || name.hasSuffix(".tsv") { return .csv }
        if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") { return .jsonl }
        if name.hasSuffix(".json") { return isOneDocument(text) ? .json : .jsonl }
        if name.hasSuffix(".txt") { return .lines }
        let start = text.drop { $0.isWhitespace }
        if start.hasPrefix("[") || start.hasPrefix("{") {
            if isOneDocument(text) { return .json }
            let first = start.prefix { !$0.isNewline }
            return JSONValue(json: String(first)) == nil ? .lines : .jsonl
        }
        let header = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return CSVText.delimiter(ofHeader: header) == nil ? .lines : .csv
    }

    private static func isOneDocument(_ text: String) -> Bool {
        guard let value = JSONValue(json: text) else { return false }
        return value.arrayValue != nil || value.objectValue != nil
    }
}
