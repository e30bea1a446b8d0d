import Foundation
import RunnerCore
import Store

/// A task as `runner list --json` prints it.
struct TaskRow: Encodable {
    let id: TaskID
    let number: Int
    let title: String
    let status: TaskStatus
    let stage: String?
    let priority: Int
    let labels: [String]
    let repository: String
    let branch: String?
    let worktreePath: String?
    let environmentStatus: EnvironmentStatus?
    let cleanupAfter: Date?
    let kept: Bool
    let currentStep: String?
    let stepsDone: Int
    let stepsTotal: Int
    let costUsd: Double?
    let usage: TokenUsage?
    let error: String?
    /// When a waiting task goes on by itself.
    let dueAt: Date?
    /// Why a waiting task waits, with the budget that is used up where it is one.
    let hold: RunHold?
    /// The gate at which it waits for a person's decision.
    let gate: String?
    /// What its running agent asks a person to allow.
    let question: String?
    /// The numbers of the tasks that it waits for.
    let waitsFor: [Int]
    let createdAt: Date
    let startedAt: Date?
    let completedAt: Date?

    init(_ summary: TaskSummary, question: String? = nil) {
        self.question = question
        id = summary.task.id
        number = summary.task.number
        title = summary.task.title
        status = summary.task.status
        stage = summary.task.stage
        priority = summary.priority
        labels = summary.task.labels
        repository = summary.repositoryName
        branch = summary.branch
        worktreePath = summary.worktreePath
        environmentStatus = summary.environmentStatus
        cleanupAfter = summary.cleanupAfter
        kept = summary.kept
        currentStep = summary.currentStep
        stepsDone = summary.stepsDone
        stepsTotal = summary.stepsTotal
        costUsd = summary.totalCostUSD
        usage = summary.totalUsage
        error = summary.task.error
        dueAt = summary.dueAt
        hold = summary.task.status == .waiting ? summary.hold : nil
        gate = summary.gate
        waitsFor = summary.waitsFor
        createdAt = summary.task.createdAt
        startedAt = summary.task.startedAt
        completedAt = summary.task.completedAt
    }
}
