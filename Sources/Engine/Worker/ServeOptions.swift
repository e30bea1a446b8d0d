package import RunnerCore

/// How a daemon serves.
package struct ServeOptions: Sendable {
    /// Runs at once; nil for what the machine can take.
    package var slots: Int?
    /// On the first signal it finishes what runs and takes nothing more, instead of leaving it to the next worker.
    package var drains: Bool
    /// Ends when there was nothing to do for so long; nil never does.
    package var idleStop: Duration?

    package init(slots: Int? = nil, drains: Bool = false, idleStop: Duration? = nil) {
        self.slots = slots
        self.drains = drains
        self.idleStop = idleStop
    }
}

/// What a daemon tells while it serves.
package enum ServeEvent: Sendable {
    case serving(SessionRecord)
    case run(TaskID, ProgressEvent)
    case repaired(String)
    case draining(runs: Int)
    case stopping(runs: Int)
    case idle
}
