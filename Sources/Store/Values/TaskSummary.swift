package import Foundation
package import RunnerCore

/// One line of a list of tasks: the task with its newest environment and run.
package struct TaskSummary: Sendable {
    package var task: TaskRecord
    package var repositoryName: String
    package var branch: String?
    package var worktreePath: String?
    package var environmentStatus: EnvironmentStatus?
    package var cleanupAfter: Date?
    package var kept: Bool
    /// When a waiting task goes on by itself.
    package var dueAt: Date?
    /// Why the newest run waits, where its row says so.
    package var hold: RunHold?
    /// The gate at which it waits for a person.
    package var gate: String?
    /// Higher ones are claimed first.
    package var priority: Int
    /// The numbers of the open tasks that it waits for.
    package var waitsFor: [Int]
    /// The key of the step that is running.
    package var currentStep: String?
    /// Steps of the newest run that have ended, in whatever way.
    package var stepsDone: Int
    package var stepsTotal: Int
    /// Of all attempts of all runs that said what they cost; nil when none did.
    package var totalCostUSD: Double?
    package var totalUsage: TokenUsage
}
