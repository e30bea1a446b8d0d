import RunnerCore

/// All that one attempt needs to know.
struct StepJob: Sendable {
    let task: TaskRecord
    let repository: Repository
    let run: RunRecord
    let environment: EnvironmentRecord
    let definition: WorkflowDefinition
    let step: WorkflowStep
    let record: StepRecord
    let attempt: AttemptRecord
    let context: TemplateContext
    let agents: AgentChoice
    /// What prepares the worktree.
    var scripts: EnvironmentScripts?
}
