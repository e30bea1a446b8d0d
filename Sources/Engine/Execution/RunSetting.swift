import RunnerCore

/// Everything a run is executed with: what stays the same, and where it stands at the beginning.
struct RunSetting: Sendable {
    let task: TaskRecord
    let repository: Repository
    let run: RunRecord
    /// Its base moves with a rebase.
    var environment: EnvironmentRecord
    let definition: WorkflowDefinition
    let context: RunContext
    let author: CommitAuthor
    let state: RunState
    let steps: [StepRecord]
    let attempts: [AttemptRecord]
    let facts: [String: StepFacts]
    /// Attempts that an earlier owner, or this one before the database went away, has left running.
    let openAttempts: [AttemptRecord]
    /// Of its gates, oldest first.
    let approvals: [ApprovalRecord]
    /// The worktree was made just now, so it stands at its base.
    let isFresh: Bool

    /// The step that prepares the worktree; nil when the run has none.
    var setupKey: String? { context.scripts?.setup == nil ? nil : definition.steps.first?.id }
}
