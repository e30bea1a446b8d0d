/// The part of JSON Schema (2020-12) that outputs are checked with; what it does not know is refused when it is read.
package struct JSONSchema: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case string, integer, number, boolean, object, array, null
    }

    /// What members that `properties` does not name may be.
    indirect enum Additional: Sendable, Hashable {
        case any, none
        case schema(JSONSchema)
    }

    /// As it was written.
    package internal(set) var document: JSONValue
    /// Empty: any.
    var kinds: [Kind] = []
    var choices: [JSONValue]?
    var constant: JSONValue?
    var properties: [String: JSONSchema] = [:]
    var required: [String] = []
    var additional = Additional.any
    /// At most one, in a list because a value cannot hold itself.
    var items: [JSONSchema] = []
    var itemCount: ClosedRange<Int> = 0...Int.max
    var length: ClosedRange<Int> = 0...Int.max
    var minimum: Double?
    var maximum: Double?
    var pattern: TextPattern?

    static let keywords = [
        "type", "enum", "const", "properties", "required", "additionalProperties", "items", "minItems", "maxItems",
        "minLength", "maxLength", "pattern", "minimum", "maximum", "title", "description",
    ]

    init(document: JSONValue) {
        self.document = document
    }

    /// True when every value that it takes is a text, so that a text needs no quotes.
    package var isText: Bool {
        if kinds == [.string] { return true }
        if let constant { return constant.stringValue != nil }
        return choices.map { $0.allSatisfy { $0.stringValue != nil } } ?? false
    }

    package var takesText: Bool { isText || kinds.isEmpty || kinds.contains(.string) }

    /// What it asks for, in words: `a string or null`.
    package var expectation: String {
        kinds.isEmpty ? "a value" : kinds.map(\.phrase).joined(separator: " or ")
    }
}

extension JSONSchema.Kind {
    /// With its article.
    package var phrase: String {
        switch self {
        case .integer, .object, .array: "an \(rawValue)"
        case .string, .number, .boolean: "a \(rawValue)"
        case .null: rawValue
        }
    }

    func includes(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.string, .string), (.boolean, .bool), (.object, .object), (.array, .array), (.null, .null): true
        case (.number, .integer), (.number, .number), (.integer, .integer): true
        case (.integer, .number(let number)): number.rounded() == number
        default: false
        }
    }
}
