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

    package init(
        repositoryID: RepositoryID, title: String, prompt: String, labels: [String] = [], source: String = "shell",
        workflowVersionID: WorkflowVersionID, context: JSONValue = .object([:]), steps: [NewStep], agent: String? = nil
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
    }
}
