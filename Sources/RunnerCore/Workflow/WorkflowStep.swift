/// One step of a workflow, as its file declares it.
package struct WorkflowStep: Sendable, Hashable {
    /// What a step does.
    package enum Body: Sendable, Hashable {
        case script(ScriptBody)
        case agent(AgentBody)
        case approval(ApprovalBody)
        case tool(ToolBody)
        indirect case group(GroupBody)
        /// One of a fork: a task of its own does it.
        case candidate
        case task(GroupTask)
    }

    /// Unique in the workflow; `[a-z0-9_][a-z0-9_-]*`, at most 64 characters.
    package var id: String
    package var name: String?
    package var stage: String?
    package var body: Body
    package var needs: [String]
    package var condition: WorkflowCondition?
    package var timeout: Duration?
    package var idleTimeout: Duration?
    package var continueOnError: Bool
    /// Templates.
    package var env: [String: String]
    /// False promises that the step leaves the worktree as it was.
    package var writes: Bool
    /// Tries in all, 1 to 10.
    package var maxAttempts: Int
    package var contract: StepContract
    /// What its attempts, and those of the steps inside it, may use.
    package var budget: Budget?

    package init(
        id: String, name: String? = nil, stage: String? = nil, body: Body, needs: [String] = [],
        condition: WorkflowCondition? = nil, timeout: Duration? = nil, idleTimeout: Duration? = nil,
        continueOnError: Bool = false, env: [String: String] = [:], writes: Bool = true, maxAttempts: Int = 1,
        contract: StepContract = StepContract(), budget: Budget? = nil
    ) {
        self.id = id
        self.name = name
        self.stage = stage
        self.body = body
        self.needs = needs
        self.condition = condition
        self.timeout = timeout
        self.idleTimeout = idleTimeout
        self.continueOnError = continueOnError
        self.env = env
        self.writes = writes
        self.maxAttempts = maxAttempts
        self.contract = contract
        self.budget = budget
    }

    /// Whether what is in the worktree after it becomes a commit of the branch; a tool says so by its name.
    package var commits: Bool {
        if case .tool(let tool) = body { return tool.name == .commit }
        return writes
    }

    /// `run`, `agent`, `approval`, `tool` or the kind of its group, as the steps table names it.
    package var kind: String {
        switch body {
        case .script: "run"
        case .agent: "agent"
        case .approval: "approval"
        case .tool: "tool"
        case .group(let group): group.kind.rawValue
        case .candidate: "candidate"
        case .task: "tool"
        }
    }

    package var group: GroupBody? {
        if case .group(let group) = body { group } else { nil }
    }
}
