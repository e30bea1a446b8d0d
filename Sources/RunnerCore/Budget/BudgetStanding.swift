package import Foundation

/// A budget, and how much of it is used.
package struct BudgetStanding: Sendable, Hashable, Codable {
    /// What is bounded, the narrowest first.
    package enum Scope: String, Sendable, Codable, CaseIterable {
        case step, run, repository, all
    }

    package var scope: Scope
    /// The step's key, the task's number or the repository's name; nil for `all`.
    package var name: String?
    package var period: BudgetPeriod?
    package var budget: Budget
    package var used: Spending
    /// When what was used counts no more; nil: never.
    package var until: Date?

    package init(
        scope: Scope, name: String? = nil, period: BudgetPeriod? = nil, budget: Budget, used: Spending,
        until: Date? = nil
    ) {
        self.scope = scope
        self.name = name
        self.period = period
        self.budget = budget
        self.used = used
        self.until = until
    }

    /// Whether nothing more may begin.
    package var isReached: Bool {
        if let usd = budget.usd, Money.rounded(used.usd) >= usd { return true }
        if let tokens = budget.tokens, used.tokens >= tokens { return true }
        return false
    }

    /// US dollars; nil where money is not bounded.
    package var leftUSD: Double? { budget.usd.map { max(Money.rounded($0 - used.usd), 0) } }

    /// The same bound, whatever was used of it.
    package func isSame(as other: BudgetStanding) -> Bool {
        scope == other.scope && name == other.name && period == other.period
    }

    /// `the budget of the run`.
    package var title: String {
        let owner =
            switch scope {
            case .step: "of step \"\(name ?? "")\""
            case .run: "of the run"
            case .repository: "of the repository \"\(name ?? "")\""
            case .all: "of all runs"
            }
        return "the budget \(owner)" + (period.map { " for this \($0.rawValue)" } ?? "")
    }

    /// `$5.02 of $5.00`, of each thing that is bounded.
    package var figures: String {
        [
            budget.usd.map { "\(Budget.text(usd: Money.rounded(used.usd))) of \(Budget.text(usd: $0))" },
            budget.tokens.map { "\(used.tokens) of \($0) tokens" },
        ].compactMap { $0 }.joined(separator: ", ")
    }

    /// Why something waits, for people.
    package var sentence: String { "\(title) is used up: \(figures)" }

    /// The bound that keeps a step from beginning: of those that are reached the one that holds longest.
    package static func holding(_ standings: [BudgetStanding]) -> BudgetStanding? {
        standings.filter(\.isReached).max { ($0.until ?? .distantFuture) < ($1.until ?? .distantFuture) }
    }

    /// The bound with the least money left.
    package static func tightest(_ standings: [BudgetStanding]) -> BudgetStanding? {
        standings.filter { ($0.leftUSD ?? 0) > 0 }.min { ($0.leftUSD ?? 0) < ($1.leftUSD ?? 0) }
    }
}
