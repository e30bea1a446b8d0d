package import RunnerCore

/// What `runner batch refine` was asked for.
package struct RefineRequest: Sendable {
    /// The batch, as a person names it.
    package var batch: String
    package var workflow: String
    package var agent: String?
    package var agentCommand: String?
    package var model: String?
    package var fallback: [AgentFallback]
    /// Texts at work at once.
    package var width: Int

    package init(
        batch: String, workflow: String, agent: String? = nil, agentCommand: String? = nil, model: String? = nil,
        fallback: [AgentFallback] = [], width: Int = 1
    ) {
        self.batch = batch
        self.workflow = workflow
        self.agent = agent
        self.agentCommand = agentCommand
        self.model = model
        self.fallback = fallback
        self.width = width
    }
}
