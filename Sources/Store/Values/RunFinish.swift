package import RunnerCore

/// How a run ends.
package struct RunFinish: Sendable, Hashable {
    /// `completed`, `failed` or `cancelled`.
    package var status: RunStatus
    package var error: String?
    /// From now to the removal of the worktree; nil for `Store.defaultRetention`.
    package var cleanupAfter: Duration?

    package init(status: RunStatus, error: String? = nil, cleanupAfter: Duration? = nil) {
        self.status = status
        self.error = error
        self.cleanupAfter = cleanupAfter
    }
}
