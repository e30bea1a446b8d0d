package import RunnerCore
package import Store

/// What a live view shows while a batch is worked through.
package enum BatchEvent: Sendable {
    /// An item's task begins, or goes on.
    case began(BatchRun)
    /// An item's run goes on once a person has decided, or a time has come: `.gate`, `.question` or `.waiting`.
    case waits(BatchRun, ProgressEvent)
    case ended(BatchRun, RunStatus, error: String?)
    case note(String)
}

/// Receives what happens; called from any thread, must not block for long.
package typealias BatchHandler = @Sendable (BatchEvent) -> Void
