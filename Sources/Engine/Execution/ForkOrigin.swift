import RunnerCore

/// The step of another run that a run goes on from.
struct ForkOrigin: Sendable, Codable {
    var task: Int
    var run: Int
    var step: String
    var environment: EnvironmentID?
    /// What the steps left that are not run again, by key.
    var facts: [String: StepFacts]
}
