/// Sleeps between two looks at something that no event announces.
enum ClusterPause {
    static func wait(_ duration: Duration) async throws(ClusterError) {
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw ClusterError(code: .cancelled, operation: "wait for the database", message: "cancelled", hint: "")
        }
    }
}
