import Store

/// Brings waiting runs back to the queue when their time has come.
struct Scheduler: Sendable {
    let store: Store

    /// Returns how many are queued again.
    func runOnce() async throws -> Int {
        try await store.requeueDueRuns()
    }
}
