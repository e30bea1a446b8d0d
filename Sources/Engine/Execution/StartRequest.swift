package import RunnerCore

/// What `runner start` was asked for.
package struct StartRequest: Sendable {
    package var repository: String
    package var prompt: String
    package var title: String?
    package var workflow: String?
    package var agent: String?
    package var agentCommand: String?
    package var model: String?
    /// Who takes over in steps that do not say it themselves.
    package var fallback: [AgentFallback]
    package var base: String?
    package var inputs: [String: String]
    package var labels: [String]
    /// Higher ones are claimed first; 0 is ordinary.
    package var priority: Int
    /// Where the task stands on the board until a step says otherwise.
    package var stage: String?
    /// Tasks, as a person names them, that have to end before this one begins.
    package var after: [String]
    package var afterRule: WaitRule
    /// What the run may use; nil: what its workflow says.
    package var budget: Budget?
    /// False starts from what was fetched last.
    package var fetches: Bool
    /// False leaves out the set-up, the tear-down and the dependency folders.
    package var preparesEnvironment: Bool

    /// The look at the checkout, where it has begun already.
    package var look: CheckoutLook?

    package init(
        repository: String, prompt: String, title: String? = nil, workflow: String? = nil, agent: String? = nil,
        agentCommand: String? = nil, model: String? = nil, fallback: [AgentFallback] = [], base: String? = nil,
        inputs: [String: String] = [:],
        labels: [String] = [], priority: Int = 0, stage: String? = nil, after: [String] = [],
        afterRule: WaitRule = .completed, budget: Budget? = nil, fetches: Bool = true, preparesEnvironment: Bool = true
    ) {
        self.repository = repository
        self.prompt = prompt
        self.title = title
        self.workflow = workflow
        self.agent = agent
        self.agentCommand = agentCommand
        self.model = model
        self.fallback = fallback
        self.base = base
        self.inputs = inputs
        self.labels = labels
        self.priority = priority
        self.stage = stage
        self.after = after
        self.afterRule = afterRule
        self.budget = budget
        self.fetches = fetches
        self.preparesEnvironment = preparesEnvironment
    }
}
