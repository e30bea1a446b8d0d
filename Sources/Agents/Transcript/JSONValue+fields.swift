import RunnerCore

extension JSONValue {
    /// A non-empty text of sensible length under `key`, as an id or a name.
    func name(_ key: String) -> String? {
        guard let text = self[key]?.stringValue, !text.isEmpty, text.utf8.count <= 200 else { return nil }
        return text
    }

    func text(_ key: String) -> String? {
        self[key]?.stringValue
    }

    func int(_ key: String) -> Int? {
        self[key]?.intValue
    }

    func list(_ key: String) -> [JSONValue] {
        self[key]?.arrayValue ?? []
    }

    /// The texts of a list of content blocks, or the text itself.
    var blockText: String? {
        switch self {
        case .string(let text): text
        case .array(let blocks): blocks.compactMap { $0.text("text") ?? $0.stringValue }.joined(separator: "\n")
        default: nil
        }
    }

    /// Any value as text: a text as it is, everything else as JSON.
    var asText: String? {
        switch self {
        case .null: nil
        case .string(let text): text
        default: try? JSONLine.encode(capped(bytes: ToolLedger.outputBytes))
        }
    }
}
