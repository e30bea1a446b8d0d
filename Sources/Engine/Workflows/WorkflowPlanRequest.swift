/// What `runner workflow plan` was asked for.
package struct WorkflowPlanRequest: Sendable {
    package var workflow: String
    package var repository: String?
    package var base: String?
    package var task: String?
    package var inputs: [String: String]
    package var agent: String?
    package var agentCommand: String?
    package var model: String?

    package init(
        workflow: String, repository: String? = nil, base: String? = nil, task: String? = nil,
        inputs: [String: String] = [:], agent: String? = nil, agentCommand: String? = nil, model: String? = nil
    ) {
        self.workflow = workflow
        self.repository = repository
        self.base = base
        self.task = task
        self.inputs = inputs
        self.agent = agent
        self.agentCommand = agentCommand
        self.model = model
    }
}
