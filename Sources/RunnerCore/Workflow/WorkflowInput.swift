/// What a workflow asks of whoever starts it.
package struct WorkflowInput: Sendable, Hashable, Codable {
    package var description: String?
    /// A string, number or boolean; a given text is converted to its kind.
    package var defaultValue: JSONValue?
    package var required: Bool

    package init(description: String? = nil, defaultValue: JSONValue? = nil, required: Bool = false) {
        self.description = description
        self.defaultValue = defaultValue
        self.required = required
    }

    private enum CodingKeys: String, CodingKey {
        case description, required
        case defaultValue = "default"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        defaultValue = try container.decodeIfPresent(JSONValue.self, forKey: .defaultValue)
        required = try container.decodeIfPresent(Bool.self, forKey: .required) ?? false
    }

    /// The value that `text` means here: a number or a boolean when the default is one, else the text itself.
    ///
    /// Nil when the text is of the wrong kind.
    package func value(from text: String) -> JSONValue? {
        switch defaultValue {
        case .bool: text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
        case .integer: Int(text).map(JSONValue.integer)
        case .number: Double(text).flatMap { $0.isFinite ? .number($0) : nil }
        default: .string(text)
        }
    }
}
