/// What is to be recorded and done next; recording it and doing it is up to the caller.
package struct Decision: Sendable, Hashable {
    /// One step's new status. A step appears once, except that it is never both ended and started.
    package struct StepChange: Sendable, Hashable {
        package var key: String
        package var status: StepStatus
        package var error: String?

        package init(key: String, status: StepStatus, error: String? = nil) {
            self.key = key
            self.status = status
            self.error = error
        }
    }

    package enum Next: Sendable, Hashable {
        /// Begin attempt number `attempt` now.
        case start(stepKey: String, attempt: Int)
        /// Begin attempt number `attempt` after the delay; the step is `waiting` until then, and so is the run when
        /// the delay is long.
        case retry(stepKey: String, attempt: Int, after: Duration)
        /// A step is running: come back with its result.
        case wait(stepKey: String)
        case finish(RunStatus, error: String?)
    }

    package var stepChanges: [StepChange]
    package var next: Next

    package init(stepChanges: [StepChange], next: Next) {
        self.stepChanges = stepChanges
        self.next = next
    }
}
