/// A step's `if`: checked text, so that it can be stored and evaluated later.
package struct WorkflowCondition: Sendable, Hashable, Codable {
    /// Longer conditions are refused.
    static let sizeLimit = 4_096

    /// As the file has it, without `${{ }}`.
    package let text: String
    /// Which status functions it names.
    package let statusFunctions: Set<StatusFunction>

    /// Throws when `text` is no condition; names are not looked up.
    package init(_ text: String) throws(TemplateError) {
        self.text = WorkflowCondition.unwrapped(text)
        statusFunctions = try WorkflowCondition.parse(self.text).statusFunctions
    }

    /// True when the condition decides by itself what to do after a failure.
    package var replacesImpliedSuccess: Bool {
        statusFunctions.contains { $0.replacesImpliedSuccess }
    }

    func expression() throws(TemplateError) -> TemplateExpression {
        try WorkflowCondition.parse(text)
    }

    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    private static func parse(_ text: String) throws(TemplateError) -> TemplateExpression {
        guard text.utf8.count <= sizeLimit else {
            throw TemplateError(line: 1, column: 1, message: "the condition is longer than \(sizeLimit) bytes")
        }
        return try ExpressionParser.condition(text, line: 1, column: 1, allowsStatus: true)
    }

    /// `${{ x }}` as in GitHub Actions is the same as `x`.
    static func unwrapped(_ text: String) -> String {
        let trimmed = trim(text)
        guard trimmed.hasPrefix("${{"), trimmed.hasSuffix("}}"), trimmed.count >= 5 else { return trimmed }
        return trim(String(trimmed.dropFirst(3).dropLast(2)))
    }

    private static func trim(_ text: String) -> String {
        var view = text[...].unicodeScalars
        while view.first?.properties.isWhitespace == true { view.removeFirst() }
        while view.last?.properties.isWhitespace == true { view.removeLast() }
        return String(view)
    }
}
