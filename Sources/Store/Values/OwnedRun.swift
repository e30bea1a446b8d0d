package import RunnerCore

/// A running run of a session, as a heartbeat finds it.
package struct OwnedRun: Sendable, Hashable {
    package var id: RunID
    package var fence: Int
    package var isCancelRequested: Bool

    package init(id: RunID, fence: Int, isCancelRequested: Bool) {
        self.id = id
        self.fence = fence
        self.isCancelRequested = isCancelRequested
    }
}
