package import RunnerCore

/// The budgets around a run, as they are set now.
package struct BudgetsInForce: Sendable, Hashable {
    package var all: [PeriodBudget]
    package var repository: [PeriodBudget]
    /// What a person gave the run, and, by key, its steps: it goes before what the workflow says.
    package var run: Budget?
    package var steps: [String: Budget]

    package init(
        all: [PeriodBudget] = [], repository: [PeriodBudget] = [], run: Budget? = nil, steps: [String: Budget] = [:]
    ) {
        self.all = all
        self.repository = repository
        self.run = run
        self.steps = steps
    }
}
