/// What `runner fork` was asked for.
package struct ForkRequest: Sendable {
    /// The number of the task that is forked.
    package var task: String
    /// The step whose state it goes on from; nil is the last that has one.
    package var step: String?
    package var title: String?
    package var agent: String?
    package var agentCommand: String?
    package var model: String?

    package init(
        task: String, step: String? = nil, title: String? = nil, agent: String? = nil, agentCommand: String? = nil,
        model: String? = nil
    ) {
        self.task = task
        self.step = step
        self.title = title
        self.agent = agent
        self.agentCommand = agentCommand
        self.model = model
    }
}
