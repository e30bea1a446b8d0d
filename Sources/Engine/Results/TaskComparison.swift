package import RunnerCore

/// One task of `runner compare`: what it came to and what that took.
package struct TaskComparison: Sendable, Codable {
    /// A step that only checks: a script.
    package struct Check: Sendable, Codable {
        package let step: String
        package let status: StepStatus
        package let exitCode: Int?
    }

    package let task: Int
    package let title: String
    package let status: TaskStatus
    package let workflow: String?
    package let workflowVersion: Int?
    /// The agents that worked on it, in the order in which they began.
    package let agents: [String]
    package let models: [String]
    /// Nil where the changes cannot be told, as for a task without a worktree so far.
    package let filesChanged: Int?
    package let insertions: Int?
    package let deletions: Int?
    package let files: [String]
    package let checks: [Check]
    /// Attempts of all steps.
    package let attempts: Int
    /// Dollars of what is priced; nil when no agent told of any.
    package let costUsd: Double?
    package let tokens: TokenUsage
    /// The sum of what the attempts took.
    package let durationMs: Int
    package let error: String?

    package var checksPassed: Int { checks.count { $0.status == .succeeded } }
    package var checksFailed: Int { checks.count { $0.status == .failed } }
}
