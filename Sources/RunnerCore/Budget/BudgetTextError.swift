/// What is wrong with a budget that a person wrote.
package enum BudgetTextError: Error, Hashable, CustomStringConvertible {
    case unreadable(String)
    case twice(String)

    package var description: String {
        switch self {
        case .unreadable(let text):
            "\"\(text.shortened)\" is no budget; write it as 5.00, 20/day, 300/month or 2M tokens/day"
        case .twice(let text):
            "\"\(text.shortened)\" is a second budget for the same time; write money and tokens as 5.00, 2M tokens"
        }
    }
}
