package import RunnerCore

/// What is needed to make a task with its first run and that run's steps.
package struct NewTask: Sendable {
    package var repositoryID: RepositoryID
    package var title: String
    package var prompt: String
    package var labels: [String]
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
        repositoryID: RepositoryID, title: String, prompt: String, labels: [String] = [], source: String = "shell",
        workflowVersionID: WorkflowVersionID, context: JSONValue = .object([:]), steps: [NewStep], agent: String? = nil,
        owner: SessionID? = nil, host: String? = nil, runID: RunID = RunID()
    ) {
        self.repositoryID = repositoryID
        self.title = title
        self.prompt = prompt
        self.labels = labels
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
