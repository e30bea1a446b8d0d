/// What is to be recorded and done next; recording it and doing it is up to the caller.
package struct Decision: Sendable, Hashable {
    /// One step's new status. A step appears once, except that it is never both ended and started.
    package struct StepChange: Sendable, Hashable {
        package var key: String
        package var status: StepStatus
        package var error: String?
        /// Of a group: its round, or how many turns it has.
        package var turn: Int?

        package init(key: String, status: StepStatus, error: String? = nil, turn: Int? = nil) {
            self.key = key
            self.status = status
            self.error = error
            self.turn = turn
        }
    }

    package enum Next: Sendable, Hashable {
        /// Begin attempt number `attempt` now.
        case start(stepKey: String, attempt: Int)
        /// Begin attempt number `attempt` after the delay; the step is `waiting` until then, and so is the run when
        /// the delay is long.
        case retry(stepKey: String, attempt: Int, after: Duration)
        /// A person has to decide before the run goes on; the step is `waiting`.
        case approval(stepKey: String)
        /// Candidates of the fork are at work as tasks of their own; their steps are `waiting`.
        case fork(stepKey: String)
        /// A step is running: come back with its result.
        case wait(stepKey: String)
        /// Nothing goes on before somebody, or a time that the caller knows, lets it; the step is `waiting`.
        case hold(stepKey: String)
        case finish(RunStatus, error: String?)

        /// The step that it is about; nil for the end of the run.
        package var stepKey: String? {
            switch self {
            case .start(let key, _), .retry(let key, _, _), .approval(let key), .fork(let key), .wait(let key),
                .hold(let key):
                key
            case .finish: nil
            }
        }
    }

    package var stepChanges: [StepChange]
    package var next: Next
    /// Steps that the run has got just now, in execution order; they are pending unless `stepChanges` says otherwise.
    package var newSteps: [String]
    /// Steps that had ended and are pending again; their attempts go on counting.
    package var reopened: [String]

    package init(
        stepChanges: [StepChange], next: Next, newSteps: [String] = [], reopened: [String] = []
    ) {
        self.stepChanges = stepChanges
        self.next = next
        self.newSteps = newSteps
        self.reopened = reopened
    }
}
