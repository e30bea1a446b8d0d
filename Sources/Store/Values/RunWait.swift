package import RunnerCore

/// A run that goes on later by itself; until then it has no owner, no slot and no process.
package struct RunWait: Sendable, Hashable {
    /// From now, by the server's clock; nil: until somebody decides.
    package var delay: Duration?
    /// Why, for people.
    package var reason: String?
    /// The budget that is used up, where it is one.
    package var budget: BudgetStanding?
    /// The owner stays by and takes the run again when it is due; others leave it alone while it lives.
    package var isHeld: Bool

    package init(
        delay: Duration?, reason: String? = nil, budget: BudgetStanding? = nil, isHeld: Bool = false
    ) {
        self.delay = delay
        self.reason = reason
        self.budget = budget
        self.isHeld = isHeld
    }
}
