/// Reads comma separated values (RFC 4180): quoted fields may hold delimiters, doubled quotes and line ends.
struct CSVText {
    struct Record: Hashable {
        var fields: [String]
        /// The line on which it begins, from 1.
        let line: Int
        var isQuoted = false
    }

    /// A quoted field that does not end, or goes on after its closing quote.
    struct Malformed: Error {
        let line: Int
        let reason: String
    }

    /// Columns that a header may have, beside `input.NAME`.
    static let textColumns: Set<String> = ["text", "task", "prompt"]
    static let otherColumns: Set<String> = ["title", "label", "labels", "priority"]

    static func isColumn(_ name: String) -> Bool {
        let name = name.lowercased()
        return textColumns.contains(name) || otherColumns.contains(name)
            || (name.hasPrefix("input.") && name.count > "input.".count)
    }

    /// The character that splits a header into two or more columns that are all known; nil when it is no header.
    static func delimiter(ofHeader line: String) -> Character? {
        [",", ";", "\t"].first { delimiter in
            guard let names = try? records(in: line, delimiter: delimiter).first?.fields, names.count > 1 else {
                return false
            }
            let trimmed = names.map(trim)
            return trimmed.allSatisfy(isColumn) && trimmed.contains { textColumns.contains($0.lowercased()) }
        }
    }

    static func trim(_ text: String) -> String {
        var text = text[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// All records, blank lines left out. A carriage return before a line end is part of the line end.
    static func records(in text: String, delimiter: Character) throws(Malformed) -> [Record] {
        let quote = UInt8(ascii: "\""), newline = UInt8(ascii: "\n"), separator = delimiter.asciiValue ?? 44
        let bytes = Array(text.utf8)
        var records: [Record] = []
        var field: [UInt8] = []
        var (index, line) = (0, 1)
        // What comes before a line end outside of quotes is part of it.
        var isAfterQuote = false
        var record = Record(fields: [], line: 1)
        func isBlank() -> Bool { record.fields.isEmpty && field.isEmpty && !record.isQuoted }
        func endField() {
            record.fields.append(String(decoding: field, as: UTF8.self))
            field = []
            isAfterQuote = false
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == quote, field.isEmpty {
                let start = line
                record.isQuoted = true
                index += 1
                while true {
                    guard index < bytes.count else {
                        throw Malformed(line: start, reason: "a quoted field does not end")
                    }
                    if bytes[index] == quote {
                        guard index + 1 < bytes.count, bytes[index + 1] == quote else { break }
                        index += 1
                    }
                    if bytes[index] == newline { line += 1 }
                    field.append(bytes[index])
                    index += 1
                }
                index += 1
                isAfterQuote = true
                if index < bytes.count, bytes[index] == 13 { index += 1 }
                guard index == bytes.count || bytes[index] == separator || bytes[index] == newline else {
                    throw Malformed(line: line, reason: "there is text after a closing quote")
                }
                continue
            }
            index += 1
            if byte == separator {
                endField()
            } else if byte == newline {
                if field.last == 13, !isAfterQuote { field.removeLast() }
                if !isBlank() {
                    endField()
                    records.append(record)
                }
                line += 1
                record = Record(fields: [], line: line)
                field = []
                isAfterQuote = false
            } else {
                field.append(byte)
            }
        }
        if field.last == 13, !isAfterQuote { field.removeLast() }
        if !isBlank() {
            endField()
            records.append(record)
        }
        return records
    }
}
