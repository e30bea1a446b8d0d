/// Why a run waits: kept with it while it does.
package struct RunHold: Sendable, Hashable, Codable {
    /// For people.
    package var reason: String?
    /// The budget that is used up; nil when something else is waited for.
    package var budget: BudgetStanding?

    package init(reason: String?, budget: BudgetStanding? = nil) {
        self.reason = reason
        self.budget = budget
    }
}
