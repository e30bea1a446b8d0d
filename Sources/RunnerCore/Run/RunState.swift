/// A run as values: its workflow and where each step stands.
package struct RunState: Sendable, Hashable, Codable {
    package let workflow: WorkflowDefinition
    /// In execution order.
    package internal(set) var steps: [StepState]
    /// An attempt was cancelled or `cancelRun` was called.
    package internal(set) var isCancelled: Bool

    /// A run that has not begun.
    package init(workflow: WorkflowDefinition) {
        self.workflow = workflow
        steps = workflow.executionOrder.map { StepState(key: $0.id) }
        isCancelled = false
    }

    /// A run as it was recorded. Steps are matched by key; those that are missing are pending.
    package init(workflow: WorkflowDefinition, steps recorded: [StepState], isCancelled: Bool = false) {
        let byKey = Dictionary(recorded.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        self.workflow = workflow
        steps = workflow.executionOrder.map { byKey[$0.id] ?? StepState(key: $0.id) }
        self.isCancelled = isCancelled
    }

    package func step(_ key: String) -> StepState? {
        steps.first { $0.key == key }
    }

    /// What the status functions say for the step at `index`.
    func statusValues(at index: Int, needs: [String]) -> StatusValues {
        let failure = steps[..<index].contains { $0.status == .failed }
        let needed = Set(needs)
        let isMet = steps.allSatisfy { !needed.contains($0.key) || $0.status == .succeeded }
        return StatusValues(
            success: !failure && isMet && !isCancelled, failure: failure, cancelled: isCancelled, steps: steps)
    }
}
