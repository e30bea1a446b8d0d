import Foundation

extension BatchFile {
    func json(_ text: String) throws -> [BatchItem] {
        guard let value = JSONValue(json: text) else { throw error("it is no JSON") }
        if let array = value.arrayValue {
            return try array.enumerated().map { index, value in try item(value, at: "item \(index + 1)") }
        }
        guard value.objectValue != nil else { throw error("it is neither an array nor an object") }
        return [try item(value, at: "item 1")]
    }

    func jsonLines(_ text: String) throws -> [BatchItem] {
        try BatchFile.lines(of: text).compactMap { number, line in
            guard !CSVText.trim(line).isEmpty else { return nil }
            guard let value = JSONValue(json: line) else { throw error("it is no JSON", at: "line \(number)") }
            return try item(value, at: "line \(number)")
        }
    }

    /// A text, or an object with one.
    private func item(_ value: JSONValue, at place: String) throws -> BatchItem {
        if let text = value.stringValue { return BatchItem(text: text, place: place) }
        guard let members = value.objectValue else { throw error("it is neither a text nor an object", at: place) }
        var item = BatchItem(text: "", place: place)
        for (key, value) in members.sorted(by: { $0.key < $1.key }) where value != .null {
            switch key {
            case "text", "task", "prompt":
                guard let text = value.stringValue else { throw error("\"\(key)\" is no text", at: place) }
                item.text = text
            case "title":
                guard let text = value.stringValue else { throw error("\"title\" is no text", at: place) }
                item.title = text
            case "labels", "label":
                let labels = value.stringValue.map { [$0] } ?? value.arrayValue?.compactMap(\.stringValue)
                guard let labels, labels.count == value.arrayValue?.count ?? 1 else {
                    throw error("\"\(key)\" is no list of texts", at: place)
                }
                item.labels = labels
            case "priority":
                guard let number = value.intValue else { throw error("\"priority\" is no whole number", at: place) }
                item.priority = number
            case "inputs":
                item.inputs = try inputs(value, at: place)
            default:
                throw error(
                    "\"\(key)\" is unknown; there are text, title, labels, priority and inputs", at: place)
            }
        }
        return item
    }

    private func inputs(_ value: JSONValue, at place: String) throws -> [String: String] {
        guard let members = value.objectValue else { throw error("\"inputs\" is no object", at: place) }
        return try members.mapValues { value in
            switch value {
            case .string(let text): text
            case .bool(let flag): String(flag)
            case .integer(let number): String(number)
            case .number(let number): String(number)
            case .null, .array, .object:
                throw error("an input is neither a text, a number nor true or false", at: place)
            }
        }
    }
}

extension JSONValue {
    /// Nil when `json` is no document.
    init?(json: String) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)) else { return nil }
        self = value
    }
}
