package import RunnerCore

/// How a daemon serves.
package struct ServeOptions: Sendable {
    /// Runs at once; nil for what the machine can take.
    package var slots: Int?
    /// On the first signal it finishes what runs and takes nothing more, instead of leaving it to the next worker.
    package var drains: Bool
    /// Ends when there was nothing to do for so long; nil never does.
    package var idleStop: Duration?
    /// Nobody asked for this daemon in particular: it is not needed where one like it serves the data folder.
    package var isSingle: Bool

    package init(slots: Int? = nil, drains: Bool = false, idleStop: Duration? = nil, isSingle: Bool = false) {
        self.slots = slots
        self.drains = drains
        self.idleStop = idleStop
        self.isSingle = isSingle
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
    /// A newer program has changed the schema.
    case outgrown
    /// Another daemon in the background serves this data folder.
    case superfluous
}
