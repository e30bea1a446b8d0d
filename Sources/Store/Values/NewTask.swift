package import RunnerCore

/// What is needed to make a task with its first run and that run's steps.
package struct NewTask: Sendable {
    package var repositoryID: RepositoryID
    package var title: String
    package var prompt: String
    package var labels: [String]
    /// Higher ones are claimed first; 0 is ordinary.
    package var priority: Int
    /// Where it stands on the board until a step says otherwise; nil for its first step's.
    package var stage: String?
    /// The tasks that have to end before its run begins.
    package var after: [TaskID]
    /// Which ends of those will do.
    package var afterRule: WaitRule
    /// `shell`, `api`, `issue`, `batch` or `schedule`.
    package var source: String
    package var workflowVersionID: WorkflowVersionID
    /// What the run's templates see.
    package var context: JSONValue
    /// In the order they run.
    package var steps: [NewStep]
    package var agent: String?
    /// The live session that works on the run from its first moment; nil queues it.
    package var owner: SessionID?
    /// The only host that can execute it; nil for any.
    package var host: String?
    /// Chosen by the caller, who can so find out whether a lost answer was a yes.
    package var runID: RunID

    package init(
        repositoryID: RepositoryID, title: String, prompt: String, labels: [String] = [], priority: Int = 0,
        stage: String? = nil, after: [TaskID] = [], afterRule: WaitRule = .completed, source: String = "shell",
        workflowVersionID: WorkflowVersionID, context: JSONValue = .object([:]), steps: [NewStep], agent: String? = nil,
        owner: SessionID? = nil, host: String? = nil, runID: RunID = RunID()
    ) {
        self.repositoryID = repositoryID
        self.title = title
        self.prompt = prompt
        self.labels = labels
        self.priority = priority
        self.stage = stage
        self.after = after
        self.afterRule = afterRule
        self.source = source
        self.workflowVersionID = workflowVersionID
        self.context = context
        self.steps = steps
        self.agent = agent
        self.owner = owner
        self.host = host
        self.runID = runID
    }
}
