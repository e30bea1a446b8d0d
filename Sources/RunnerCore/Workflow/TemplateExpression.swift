/// A checked expression of a template tag or a condition.
indirect enum TemplateExpression: Hashable, Sendable {
    enum Comparison: String, Sendable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    case literal(JSONValue)
    case path(TemplatePath)
    case filtered(TemplateExpression, filter: TemplateFilter, arguments: [JSONValue])
    case status(StatusFunction)
    case not(TemplateExpression)
    case and(TemplateExpression, TemplateExpression)
    case or(TemplateExpression, TemplateExpression)
    case comparison(Comparison, TemplateExpression, TemplateExpression)
    case contained(TemplateExpression, in: TemplateExpression)

    /// True for what has a value that can be printed or compared.
    var isOperand: Bool {
        switch self {
        case .literal, .path, .filtered: true
        case .status, .not, .and, .or, .comparison, .contained: false
        }
    }

    /// Every path, in the order of the text.
    var paths: [TemplatePath] {
        switch self {
        case .literal, .status: []
        case .path(let path): [path]
        case .filtered(let operand, _, _), .not(let operand): operand.paths
        case .and(let a, let b), .or(let a, let b), .comparison(_, let a, let b), .contained(let a, let b):
            a.paths + b.paths
        }
    }

    var statusFunctions: Set<StatusFunction> {
        switch self {
        case .literal, .path: []
        case .status(let function): [function]
        case .filtered(let operand, _, _), .not(let operand): operand.statusFunctions
        case .and(let a, let b), .or(let a, let b), .comparison(_, let a, let b), .contained(let a, let b):
            a.statusFunctions.union(b.statusFunctions)
        }
    }
}
