/// How the run stands just before a step, for its condition.
package struct StatusValues: Sendable, Hashable {
    package var success: Bool
    package var failure: Bool
    package var cancelled: Bool
    /// Where every step stands, the one that has just ended included.
    package var steps: [StepState]
    /// The run that asks; nil for a condition by itself.
    private let asking: RunState?

    package init(
        success: Bool, failure: Bool, cancelled: Bool, steps: [StepState] = [], run: RunState? = nil
    ) {
        asking = run
        self.success = success
        self.failure = failure
        self.cancelled = cancelled
        self.steps = steps
    }

    /// How the run stands when it asks.
    package var run: RunState { asking ?? RunState(workflow: WorkflowDefinition(name: "", steps: [])) }

    package subscript(function: StatusFunction) -> Bool {
        switch function {
        case .success: success
        case .failure: failure
        case .cancelled: cancelled
        case .always: true
        }
    }
}
