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
    /// Nothing else runs in the worktree meanwhile.
    var isAlone = true
    /// What prepares the worktree.
    var scripts: EnvironmentScripts?
    /// In the judge of a fork: what it chooses from.
    var candidates: [CandidateView]?
    /// What a person who sent the step's work back said, as an addition to its prompt.
    var rework: String?
    /// What is left to it of the time that the whole run may work, where that has an end.
    var runLimit: RunLimit?

    /// When its process is stopped.
    var wallTimeout: Duration {
        let own = step.timeout ?? StepCommand.defaultTimeout
        return runLimit.map { min(own, $0.left) } ?? own
    }

    /// The agent that makes this attempt.
    func chosen(_ body: AgentBody) throws -> ChosenAgent { try agents.chosen(body, attempt.fallbackIndex) }

    /// Throws `TemplateError` for a prompt that cannot be rendered.
    func prompt(_ body: AgentBody) throws -> String {
        try context.render(body.prompt) + (rework ?? "")
    }
}
