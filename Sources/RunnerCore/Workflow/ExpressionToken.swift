/// One token of an expression, and where it stands.
struct ExpressionToken: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case word(String)
        case string(String)
        case number(JSONValue)
        /// Operators and punctuation.
        case symbol(String)
        case end
    }

    let kind: Kind
    let line: Int
    let column: Int

    /// As a message shows it.
    var text: String {
        switch kind {
        case .word(let text), .symbol(let text): "\"\(text)\""
        case .string: "a text"
        case .number: "a number"
        case .end: "the end"
        }
    }
}
