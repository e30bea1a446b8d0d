import Foundation

/// A budget for each day or month, or, without a period, for all time.
package struct PeriodBudget: Sendable, Hashable, Codable {
    package var budget: Budget
    package var period: BudgetPeriod?

    package init(_ budget: Budget, per period: BudgetPeriod? = nil) {
        self.budget = budget
        self.period = period
    }

    /// `20/day`, `$300/month`, `5M tokens/day` or `500`; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let budget = Budget(String(parts.first ?? "")) else { return nil }
        self.budget = budget
        guard parts.count == 2 else { return }
        guard let period = BudgetPeriod(rawValue: parts[1].trimmingCharacters(in: .whitespaces)) else { return nil }
        self.period = period
    }

    package var text: String { budget.text + (period.map { "/\($0.rawValue)" } ?? "") }

    /// What several texts ask for together, an empty one for nothing; throws the text that cannot be read, or that gives a
    /// second budget for the same period.
    package static func list(_ texts: [String]) throws(BudgetTextError) -> [PeriodBudget] {
        var found: [PeriodBudget] = []
        for text in texts where !text.isEmpty {
            guard let one = PeriodBudget(text) else { throw .unreadable(text) }
            guard !found.contains(where: { $0.period == one.period }) else { throw .twice(text) }
            found.append(one)
        }
        return found
    }
}
