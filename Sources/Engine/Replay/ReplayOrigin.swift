import RunnerCore

/// The run whose recorded agents act as the agents of another one.
struct ReplayOrigin: Sendable, Codable, Hashable {
    var task: Int
    var run: RunID
}
