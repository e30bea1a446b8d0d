/// How both sides of a comparison are brought to one kind: Stencil holds the text "3" and the number 3 for unequal,
/// and outputs and inputs are texts.
enum ComparisonFilter: String, CaseIterable {
    case text = "_text"
    case number = "_number"
    case bool = "_bool"

    init(_ comparison: TemplateExpression.Comparison, _ a: TemplateExpression, _ b: TemplateExpression) {
        switch comparison {
        case .less, .lessOrEqual, .greater, .greaterOrEqual: self = .number
        case .equal, .notEqual:
            if ComparisonFilter.isLiteral(a, { $0.doubleValue != nil })
                || ComparisonFilter.isLiteral(b, { $0.doubleValue != nil })
            {
                self = .number
            } else if ComparisonFilter.isLiteral(a, { $0.boolValue != nil })
                || ComparisonFilter.isLiteral(b, { $0.boolValue != nil })
            {
                self = .bool
            } else {
                self = .text
            }
        }
    }

    /// What Stencil compares in place of `value`; nil equals nothing but nil.
    func apply(_ value: Any?) -> Any? {
        switch self {
        case .text:
            switch value {
            case let text as String: return text
            case let flag as Bool: return flag ? "true" : "false"
            case let number as Int: return String(number)
            case let number as Double: return String(number)
            case nil: return ""
            default: return value
            }
        case .number:
            switch value {
            case let number as Int: return number
            case let number as Double: return number
            case let text as String: return Double(text.trimmingSpaces)
            default: return nil
            }
        case .bool:
            switch value {
            case let flag as Bool: return flag
            case let text as String: return text == "true" ? true : text == "false" ? false : nil
            default: return nil
            }
        }
    }

    private static func isLiteral(_ expression: TemplateExpression, _ matches: (JSONValue) -> Bool) -> Bool {
        guard case .literal(let value) = expression else { return false }
        return matches(value)
    }
}

extension String {
    fileprivate var trimmingSpaces: Substring {
        var text = self[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
