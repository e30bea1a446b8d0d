import RunnerCore

/// Which worktrees `runner clean` is asked to remove; several conditions must all hold.
package struct CleanRequest: Sendable {
    /// Tasks by number or id; the conditions do not count for them.
    package var tasks: [String]
    package var due: Bool
    package var merged: Bool
    /// Nobody used it for this long.
    package var olderThan: Duration?
    package var dryRun: Bool
    /// Merged is told from what was fetched last.
    package var offline: Bool
    /// The report says what speaks for and against each removal.
    package var explains: Bool

    package init(
        tasks: [String] = [], due: Bool = false, merged: Bool = false, olderThan: Duration? = nil,
        dryRun: Bool = false, offline: Bool = false, explains: Bool = false
    ) {
        self.tasks = tasks
        self.due = due
        self.merged = merged
        self.olderThan = olderThan
        self.dryRun = dryRun
        self.offline = offline
        self.explains = explains
    }
}
