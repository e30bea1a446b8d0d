/// A checked template, rewritten so that Stencil sees nothing but tags in its own plainest spelling.
///
/// Texts and literals become variables: whatever a prompt contains, Stencil cannot mistake or drop it.
struct CompiledTemplate: Sendable {
    /// What Stencil renders.
    private(set) var canonical = ""
    /// The values of the variables that stand for texts and literals.
    private(set) var literals: [String: JSONValue] = [:]
    /// Every path outside the loops' own variables, in the order of the text.
    private(set) var references: [TemplatePath] = []

    private enum Block {
        case condition(hasElse: Bool)
        case loop(variable: String, hasEmpty: Bool)

        var name: String {
            switch self {
            case .condition: "if"
            case .loop: "for"
            }
        }
    }

    private var blocks: [(block: Block, line: Int, column: Int)] = []

    init(_ template: String) throws(TemplateError) {
        for piece in try TemplateScanner.pieces(of: template) {
            switch piece {
            case .text(let text): canonical += "{{ \(bind(.string(text))) }}"
            case .value(let body, let line, let column): try addValue(body, line, column)
            case .block(let body, let line, let column): try addBlock(body, line, column)
            }
        }
        if let open = blocks.last {
            throw TemplateError(
                line: open.line, column: open.column,
                message: "\"{% \(open.block.name) %}\" is not closed with \"{% end\(open.block.name) %}\"")
        }
    }

    /// A condition of a step, as a template that renders `1` when it holds.
    init(condition: TemplateExpression) {
        canonical = "{% if \(spelling(of: condition)) %}1{% endif %}"
        references = condition.paths
    }

    /// The name of the variable that holds a status function's value.
    static func variable(for function: StatusFunction) -> String { "_\(function.rawValue)" }

    private mutating func bind(_ value: JSONValue) -> String {
        let name = "_\(literals.count)"
        literals[name] = value
        return name
    }

    private mutating func addValue(_ body: String, _ line: Int, _ column: Int) throws(TemplateError) {
        var parser = ExpressionParser(
            try ExpressionLexer.tokens(of: body, line: line, column: column), allowsStatus: false)
        let value = try parser.value()
        try refer(value)
        guard parser.accept("if") else {
            try parser.expectEnd()
            canonical += "{{ \(operand(value)) }}"
            return
        }
        let condition = try parser.truth()
        try refer(condition)
        canonical += "{% if \(spelling(of: condition)) %}{{ \(operand(value)) }}"
        if parser.accept("else") {
            let other = try parser.value()
            try refer(other)
            canonical += "{% else %}{{ \(operand(other)) }}"
        }
        try parser.expectEnd()
        canonical += "{% endif %}"
    }

    private mutating func addBlock(_ body: String, _ line: Int, _ column: Int) throws(TemplateError) {
        var parser = ExpressionParser(
            try ExpressionLexer.tokens(of: body, line: line, column: column), allowsStatus: false)
        let start = parser.next
        guard case .word(let name) = start.kind else { throw parser.unexpected("the name of a tag") }
        _ = parser.accept(name)
        switch name {
        case "if":
            let condition = try parser.truth()
            try refer(condition)
            blocks.append((.condition(hasElse: false), start.line, start.column))
            canonical += "{% if \(spelling(of: condition)) %}"
        case "elif":
            guard case .condition(hasElse: false)? = blocks.last?.block else { throw misplaced(name, start) }
            let condition = try parser.truth()
            try refer(condition)
            canonical += "{% elif \(spelling(of: condition)) %}"
        case "for":
            try openLoop(&parser, at: start)
        case "else", "empty", "endif", "endfor":
            try continueOrClose(name, at: start)
        default:
            let near = Suggestion.closest(to: name, among: ["if", "elif", "else", "endif", "for", "empty", "endfor"])
            throw TemplateError(
                line: start.line, column: start.column,
                message: "unknown tag \"\(name)\"" + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
        }
        try parser.expectEnd()
    }

    private mutating func openLoop(_ parser: inout ExpressionParser, at start: ExpressionToken) throws(TemplateError) {
        guard case .word(let variable) = parser.next.kind, !variable.contains("-"), !variable.hasPrefix("_"),
            !TemplateContext.roots.contains(variable) || variable == "item", variable != "forloop"
        else { throw parser.unexpected("a new name for the loop's items") }
        _ = parser.accept(variable)
        guard parser.accept("in") else { throw parser.unexpected("\"in\"") }
        // One loop inside another could take for ever over long outputs.
        if blocks.contains(where: { $0.block.name == "for" }) {
            throw TemplateError(
                line: start.line, column: start.column, message: "a loop inside a loop is not supported")
        }
        let list = try parser.value()
        guard case .filtered(_, filter: .split, arguments: _) = list else {
            throw TemplateError(
                line: start.line, column: start.column,
                message: "a loop goes over a split text: for item in …|split:\",\"")
        }
        try refer(list)
        blocks.append((.loop(variable: variable, hasEmpty: false), start.line, start.column))
        canonical += "{% for \(variable) in \(operand(list)) %}"
    }

    private mutating func continueOrClose(_ name: String, at start: ExpressionToken) throws(TemplateError) {
        switch (name, blocks.last?.block) {
        case ("else", .condition(hasElse: false)): blocks[blocks.count - 1].block = .condition(hasElse: true)
        case ("empty", .loop(let variable, hasEmpty: false)):
            blocks[blocks.count - 1].block = .loop(variable: variable, hasEmpty: true)
        case ("endif", .condition), ("endfor", .loop): blocks.removeLast()
        default: throw misplaced(name, start)
        }
        canonical += "{% \(name) %}"
    }

    private func misplaced(_ name: String, _ token: ExpressionToken) -> TemplateError {
        TemplateError(line: token.line, column: token.column, message: "\"{% \(name) %}\" closes nothing that is open")
    }

    /// Notes the paths of `expression` that are no loop variables.
    private mutating func refer(_ expression: TemplateExpression) throws(TemplateError) {
        for path in expression.paths {
            guard case .loop(let variable, _)? = blocks.last(where: { $0.block.name == "for" })?.block else {
                references.append(path)
                continue
            }
            if path.components[0] == variable {
                guard path.components.count == 1 else { throw path.error("\"\(variable)\" has no fields") }
            } else if path.components[0] == "forloop" {
                let fields = ["first", "last", "counter", "counter0", "length"]
                guard path.components.count == 2, fields.contains(path.components[1]) else {
                    throw path.error("\"forloop\" has the fields \(fields.joined(separator: ", "))")
                }
            } else {
                references.append(path)
            }
        }
    }

    private mutating func operand(_ expression: TemplateExpression) -> String {
        switch expression {
        case .literal(let value): return bind(value)
        case .path(let path): return path.text
        case .filtered(let inner, let filter, let arguments):
            var text = operand(inner) + "|" + filter.rawValue
            if !arguments.isEmpty { text += ":" + arguments.map { bind($0) }.joined(separator: ",") }
            return text
        case .status(let function): return CompiledTemplate.variable(for: function)
        case .not, .and, .or, .comparison, .contained: return spelling(of: expression)
        }
    }

    private mutating func spelling(of expression: TemplateExpression) -> String {
        switch expression {
        case .literal, .path, .filtered, .status:
            return operand(expression)
        case .not(let inner):
            return "( not \(spelling(of: inner)) )"
        case .and(let a, let b):
            return "( \(spelling(of: a)) and \(spelling(of: b)) )"
        case .or(let a, let b):
            return "( \(spelling(of: a)) or \(spelling(of: b)) )"
        case .contained(let a, let b):
            return "( \(operand(a))|\(ComparisonFilter.text.rawValue) in \(operand(b)) )"
        case .comparison(let comparison, let a, let b):
            let filter = ComparisonFilter(comparison, a, b).rawValue
            return "( \(operand(a))|\(filter) \(comparison.rawValue) \(operand(b))|\(filter) )"
        }
    }
}
