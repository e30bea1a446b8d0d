/// Cuts the text of an expression into tokens.
struct ExpressionLexer {
    /// More tokens than a person writes; keeps the recursion and the cost of what follows small.
    static let limit = 500

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var line: Int
    private var column: Int
    private var tokens: [ExpressionToken] = []

    private static let symbols = [
        "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "(", ")", "|", ":", ",", ".", "[", "]",
    ]

    /// `line` and `column` say where `text` begins.
    static func tokens(of text: some StringProtocol, line: Int, column: Int) throws(TemplateError) -> [ExpressionToken]
    {
        var lexer = ExpressionLexer(text, line: line, column: column)
        try lexer.run()
        return lexer.tokens
    }

    private init(_ text: some StringProtocol, line: Int, column: Int) {
        scalars = Array(text.unicodeScalars)
        self.line = line
        self.column = column
    }

    private mutating func run() throws(TemplateError) {
        while position < scalars.count {
            guard tokens.count < ExpressionLexer.limit else { throw error("the expression is too long") }
            let scalar = scalars[position]
            if scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r" {
                advance(1)
            } else if scalar == "'" || scalar == "\"" {
                try readString(quote: scalar)
            } else if ExpressionLexer.isDigit(scalar) && !followsDot
                || scalar == "-" && position + 1 < scalars.count && ExpressionLexer.isDigit(scalars[position + 1])
            {
                try readNumber()
            } else if ExpressionLexer.isWord(scalar) {
                let text = take(while: { ExpressionLexer.isWord($0) || $0 == "-" })
                append(.word(text), length: text.unicodeScalars.count)
            } else if let symbol = ExpressionLexer.symbols.first(where: { matches($0) }) {
                append(.symbol(symbol), length: symbol.unicodeScalars.count)
            } else {
                throw error("unexpected \"\(scalar)\"" + hint(for: scalar))
            }
        }
        append(.end, length: 0)
    }

    /// After a dot, `1-build` is a step's id and no number.
    private var followsDot: Bool { tokens.last?.kind == .symbol(".") }

    private mutating func readNumber() throws(TemplateError) {
        let text =
            String(String.UnicodeScalarView([scalars[position]]))
            + take(from: position + 1, while: { ExpressionLexer.isDigit($0) || $0 == "." })
        let end = position + text.unicodeScalars.count
        let runsOn = end < scalars.count && (ExpressionLexer.isWord(scalars[end]) || scalars[end] == "-")
        guard !runsOn, text.last != ".",
            let value = Int(text).map(JSONValue.integer) ?? Double(text).map(JSONValue.number)
        else { throw error("\"\(text)\" is no number") }
        append(.number(value), length: text.unicodeScalars.count)
    }

    /// A quote inside is written twice, as in GitHub Actions.
    private mutating func readString(quote: Unicode.Scalar) throws(TemplateError) {
        var view = String.UnicodeScalarView()
        var index = position + 1
        while index < scalars.count {
            if scalars[index] == quote {
                guard index + 1 < scalars.count, scalars[index + 1] == quote else {
                    append(.string(String(view)), length: index + 1 - position)
                    return
                }
                index += 1
            }
            view.append(scalars[index])
            index += 1
        }
        throw error("the text is not closed: a \(quote) is missing")
    }

    private mutating func append(_ kind: ExpressionToken.Kind, length: Int) {
        tokens.append(ExpressionToken(kind: kind, line: line, column: column))
        advance(length)
    }

    private mutating func advance(_ count: Int) {
        for _ in 0..<count {
            if scalars[position] == "\n" {
                line += 1
                column = 1
            } else {
                column += 1
            }
            position += 1
        }
    }

    private func take(from start: Int? = nil, while isIncluded: (Unicode.Scalar) -> Bool) -> String {
        String(String.UnicodeScalarView(scalars[(start ?? position)...].prefix(while: isIncluded)))
    }

    private func matches(_ symbol: String) -> Bool {
        scalars[position...].starts(with: symbol.unicodeScalars)
    }

    private func error(_ message: String) -> TemplateError {
        TemplateError(line: line, column: column, message: message)
    }

    private func hint(for scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "=": ", compare with =="
        case "&": ", write && or and"
        default: ""
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        isDigit(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
    }
}
