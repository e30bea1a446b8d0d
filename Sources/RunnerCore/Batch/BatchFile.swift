/// Reads the tasks of a batch from the bytes of a file.
package struct BatchFile {
    /// No batch is larger.
    package static let itemLimit = 100_000
    /// Bytes; no file is larger.
    package static let sizeLimit = 256 << 20

    let name: String

    /// The tasks in order, at least one, each of which can be a task.
    ///
    /// `format: nil` is recognised by the name's ending and by the content. Throws `BatchFileError` with the place.
    package static func items(
        of bytes: [UInt8], named name: String, format: BatchFormat? = nil
    ) throws -> [BatchItem] {
        let file = BatchFile(name: name)
        let text = try file.text(bytes)
        let items =
            switch format ?? BatchFormat.recognised(file: name, text: text) {
            case .lines: file.lines(text)
            case .csv: try file.csv(text)
            case .json: try file.json(text)
            case .jsonl: try file.jsonLines(text)
            }
        guard !items.isEmpty else { throw file.error("there is no task in it") }
        guard items.count <= itemLimit else { throw file.error("it has more than \(itemLimit) tasks") }
        for item in items {
            if let problem = item.problem { throw file.error(problem, at: item.place) }
        }
        return items
    }

    func error(_ reason: String, at place: String? = nil) -> BatchFileError {
        BatchFileError(file: name, place: place, reason: reason)
    }

    /// UTF-8 with or without a byte order mark.
    private func text(_ bytes: [UInt8]) throws -> String {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw error("it is UTF-16; save it as UTF-8")
        }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        if let text = String(validating: body, as: UTF8.self) { return text }
        // The first line that is no UTF-8 is found by itself.
        let lines = body.split(separator: 10, omittingEmptySubsequences: false)
        let wrong = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        throw error("it is not UTF-8", at: "line \(wrong + 1)")
    }

    private func lines(_ text: String) -> [BatchItem] {
        Self.lines(of: text).compactMap { number, line in
            let trimmed = CSVText.trim(line)
            return trimmed.isEmpty ? nil : BatchItem(text: trimmed, place: "line \(number)")
        }
    }

    /// Lines with their numbers, split at line feeds alone.
    static func lines(of text: String) -> [(Int, String)] {
        text.utf8.split(separator: 10, omittingEmptySubsequences: false).enumerated().map { index, line in
            (index + 1, String(Substring(line)))
        }
    }

    private func csv(_ text: String) throws -> [BatchItem] {
        let first = text.prefix { !$0.isNewline }
        let delimiter = CSVText.delimiter(ofHeader: String(first)) ?? (name.lowercased().hasSuffix(".tsv") ? "\t" : ",")
        let records: [CSVText.Record]
        do {
            records = try CSVText.records(in: text, delimiter: delimiter)
        } catch {
            throw self.error(error.reason, at: "line \(error.line)")
        }
        guard let header = records.first else { return [] }
        let columns = header.fields.map(CSVText.trim)
        for (index, column) in columns.enumerated() {
            guard CSVText.isColumn(column) else {
                throw error(
                    "\"\(column)\" is no column; there are text, title, labels, priority and input.NAME",
                    at: "line \(header.line)")
            }
            if columns[..<index].contains(where: { $0.lowercased() == column.lowercased() }) {
                throw error("the column \"\(column)\" is there twice", at: "line \(header.line)")
            }
        }
        guard columns.contains(where: { CSVText.textColumns.contains($0.lowercased()) }) else {
            throw error("the header has no column \"text\"", at: "line \(header.line)")
        }
        return try records.dropFirst().map { try item($0, columns) }
    }

    private func item(_ record: CSVText.Record, _ columns: [String]) throws -> BatchItem {
        let place = "line \(record.line)"
        guard record.fields.count <= columns.count else {
            throw error("there are \(record.fields.count) fields, but \(columns.count) columns", at: place)
        }
        var item = BatchItem(text: "", place: place)
        for (column, field) in zip(columns, record.fields) {
            let name = column.lowercased()
            switch name {
            case _ where CSVText.textColumns.contains(name): item.text = field
            case "title": item.title = CSVText.trim(field).isEmpty ? nil : CSVText.trim(field)
            case "label", "labels":
                item.labels = field.split { ",; ".contains($0) }.map(String.init)
            case "priority":
                guard !CSVText.trim(field).isEmpty else { continue }
                guard let number = Int(CSVText.trim(field)) else {
                    throw error("the priority \"\(field)\" is no whole number", at: place)
                }
                item.priority = number
            default: if !field.isEmpty { item.inputs[String(column.dropFirst("input.".count))] = field }
            }
        }
        return item
    }
}
