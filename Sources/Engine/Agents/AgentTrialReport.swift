package import RunnerCore

/// What an agent made of a tiny task, point by point.
package struct AgentTrialReport: Sendable, Codable {
    package struct Point: Sendable, Codable, Hashable {
        package let name: String
        /// `missing` for what the agent never tells, which is no failure.
        package let verdict: DoctorCheck.Verdict
        package let detail: String
    }

    package let agent: String
    package var model: String?
    package var version: String?
    package var points: [Point] = []
    package var tokens: TokenUsage?
    package var costUSD: Double?
    /// The agent's program is not there.
    package var isProgramMissing = false

    /// All that it can do it has done.
    package var passed: Bool { !points.isEmpty && !points.contains { $0.verdict == .failed } }

    init(agent: String, model: String?) {
        self.agent = agent
        self.model = model
    }

    mutating func add(_ name: String, _ verdict: DoctorCheck.Verdict, _ detail: String) {
        points.append(Point(name: name, verdict: verdict, detail: detail))
    }
}
