/// Reads Stencil's expressions, and GitHub Actions' spelling of them, from tokens.
struct ExpressionParser {
    /// How deeply parentheses and negations may nest.
    static let depthLimit = 32

    /// Status functions mean something in conditions only.
    let allowsStatus: Bool
    private let tokens: [ExpressionToken]
    private var position = 0
    private var depth = 0

    init(_ tokens: [ExpressionToken], allowsStatus: Bool) {
        self.tokens = tokens
        self.allowsStatus = allowsStatus
    }

    /// The whole text as one truth value.
    static func condition(
        _ text: some StringProtocol, line: Int, column: Int, allowsStatus: Bool
    ) throws(TemplateError) -> TemplateExpression {
        let tokens = try ExpressionLexer.tokens(of: text, line: line, column: column)
        var parser = ExpressionParser(tokens, allowsStatus: allowsStatus)
        let expression = try parser.truth()
        try parser.expectEnd()
        return expression
    }

    var next: ExpressionToken { tokens[min(position, tokens.count - 1)] }

    /// Takes the next token when it is `symbol` or the word `word`.
    mutating func accept(_ symbols: String...) -> Bool {
        for symbol in symbols where next.kind == .symbol(symbol) || next.kind == .word(symbol) {
            position += 1
            return true
        }
        return false
    }

    mutating func expectEnd() throws(TemplateError) {
        guard next.kind == .end else { throw unexpected("an operator") }
    }

    /// `or` binds loosest, then `and`, `not`, comparisons, `!`.
    mutating func truth() throws(TemplateError) -> TemplateExpression {
        var left = try conjunction()
        while accept("or", "||") { left = .or(left, try conjunction()) }
        return left
    }

    private mutating func conjunction() throws(TemplateError) -> TemplateExpression {
        var left = try negation()
        while accept("and", "&&") { left = .and(left, try negation()) }
        return left
    }

    private mutating func negation() throws(TemplateError) -> TemplateExpression {
        guard accept("not") else { return try comparison() }
        try enter()
        defer { depth -= 1 }
        return .not(try negation())
    }

    private mutating func comparison() throws(TemplateError) -> TemplateExpression {
        let start = next
        let left = try unary()
        let operation = next
        guard case .symbol(let symbol) = operation.kind,
            let comparison = TemplateExpression.Comparison(rawValue: symbol)
        else {
            guard operation.kind == .word("in") else { return left }
            position += 1
            let right = try unary()
            return .contained(try operand(left, at: start), in: try operand(right, at: operation))
        }
        position += 1
        let right = try unary()
        return .comparison(comparison, try operand(left, at: start), try operand(right, at: operation))
    }

    private func operand(
        _ expression: TemplateExpression, at token: ExpressionToken
    ) throws(TemplateError) -> TemplateExpression {
        guard expression.isOperand else {
            throw TemplateError(line: token.line, column: token.column, message: "only values can be compared")
        }
        return expression
    }

    private mutating func unary() throws(TemplateError) -> TemplateExpression {
        if accept("!") {
            try enter()
            defer { depth -= 1 }
            return .not(try unary())
        }
        guard accept("(") else { return try value() }
        try enter()
        defer { depth -= 1 }
        let inner = try truth()
        guard accept(")") else { throw unexpected("\")\"") }
        return inner
    }

    /// A literal or a path with its filters, or a status function.
    mutating func value() throws(TemplateError) -> TemplateExpression {
        var expression = try primary()
        while accept("|") {
            guard expression.isOperand else { throw unexpected("an operator") }
            let token = next
            guard case .word(let name) = token.kind else { throw unexpected("the name of a filter") }
            position += 1
            guard let filter = TemplateFilter(rawValue: name) else {
                let near = Suggestion.closest(to: name, among: TemplateFilter.allCases.map(\.rawValue))
                throw error(at: token, "unknown filter \"\(name)\"" + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
            }
            let arguments = try filterArguments()
            if let complaint = filter.complaint(about: arguments) { throw error(at: token, complaint) }
            expression = .filtered(expression, filter: filter, arguments: arguments)
        }
        return expression
    }

    private mutating func filterArguments() throws(TemplateError) -> [JSONValue] {
        guard accept(":") else { return [] }
        var arguments: [JSONValue] = []
        repeat {
            guard case .literal(let value) = try primary() else { throw unexpected("a text or a number before this") }
            arguments.append(value)
        } while accept(",")
        return arguments
    }

    private mutating func primary() throws(TemplateError) -> TemplateExpression {
        let token = next
        switch token.kind {
        case .string(let text):
            position += 1
            return .literal(.string(text))
        case .number(let value):
            position += 1
            return .literal(value)
        case .word("true"), .word("false"):
            position += 1
            return .literal(.bool(token.kind == .word("true")))
        case .word(let word) where !["and", "or", "not", "in", "if", "else"].contains(word):
            position += 1
            if let function = try statusFunction(word, at: token) { return .status(function) }
            return .path(try path(from: word, at: token))
        case .word, .symbol, .end:
            throw unexpected("a value")
        }
    }

    /// `failure()` or plain `failure`; a dot after the word makes it an ordinary name.
    private mutating func statusFunction(
        _ word: String, at token: ExpressionToken
    ) throws(TemplateError) -> StatusFunction? {
        let called = next.kind == .symbol("(")
        guard let function = StatusFunction(rawValue: word), next.kind != .symbol(".") else {
            guard called else { return nil }
            let near = Suggestion.closest(to: word, among: StatusFunction.allCases.map(\.rawValue))
            throw error(at: token, "unknown function \"\(word)\"" + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
        }
        guard allowsStatus else {
            guard called else { return nil }
            throw error(at: token, "\"\(word)()\" can be used in an \"if\" key only")
        }
        if called {
            position += 1
            guard accept(")") else { throw unexpected("\")\"") }
        }
        return function
    }

    private mutating func path(from word: String, at token: ExpressionToken) throws(TemplateError) -> TemplatePath {
        var components = [word]
        while true {
            if accept(".") {
                guard case .word(let name) = next.kind else { throw unexpected("a name") }
                components.append(name)
                position += 1
            } else if accept("[") {
                guard case .string(let name) = next.kind, TemplatePath.isPlain(name) else {
                    throw unexpected("a name in quotes")
                }
                components.append(name)
                position += 1
                guard accept("]") else { throw unexpected("\"]\"") }
            } else {
                return TemplatePath(components: components, line: token.line, column: token.column)
            }
        }
    }

    private mutating func enter() throws(TemplateError) {
        depth += 1
        guard depth <= ExpressionParser.depthLimit else { throw error(at: next, "the expression nests too deeply") }
    }

    func unexpected(_ wanted: String) -> TemplateError {
        error(at: next, "expected \(wanted), found \(next.text)")
    }

    private func error(at token: ExpressionToken, _ message: String) -> TemplateError {
        TemplateError(line: token.line, column: token.column, message: message)
    }
}

extension TemplatePath {
    /// True for a name that can be a part of a path.
    static func isPlain(_ name: String) -> Bool {
        !name.isEmpty
            && name.unicodeScalars.allSatisfy {
                ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_"
                    || $0 == "-"
            }
    }
}
