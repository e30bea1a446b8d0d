import RunnerCore

/// What a person lets a run and its steps use, whatever the workflow says; the store reads and changes it in place.
struct RunBudgets: Sendable, Codable {
    var run: Budget?
    /// By key.
    var steps: [String: Budget]?
}
