import Git
import RunnerCore

/// What a run keeps beside its workflow so that it can go on later: the row's `context`.
struct RunContext: Sendable, Codable {
    var inputs: [String: JSONValue]
    var agents: AgentChoice
    var baseCommit: ObjectID
    var baseName: String?
    /// The session that the run's first step goes on with.
    var continuation: AgentResume?
    /// What prepares and clears up the worktree, as it was when the run was made: what an agent makes of the
    /// repository's file is never run.
    var scripts: EnvironmentScripts?
    /// The sources of the workflows that its own calls, by name.
    var called: [String: String]?
    /// Which candidate of a fork the run is, as `best#2`, the outermost fork first: it runs the steps of that alone.
    var candidateOf: [String]?
    /// Of a candidate: what the groups around its fork say, and the environment of the workflow that declares it.
    var turn: TurnValues?
    var env: [String: String]?
    /// Where a fork comes from.
    var fork: ForkOrigin?
    /// What a person lets it use.
    var budgets: RunBudgets?
    /// When somebody had it begin again, in seconds since 1970; its time limit counts from there.
    var reopenedAt: Double?
    /// Whose recorded agents act as the agents.
    var replay: ReplayOrigin?

    init(inputs: [String: JSONValue], agents: AgentChoice, base: Base, scripts: EnvironmentScripts? = nil) {
        self.inputs = inputs
        self.scripts = scripts
        self.agents = agents
        baseCommit = base.commit
        baseName = base.name
    }

    init(_ value: JSONValue) throws {
        self = try value.decoded()
    }

    func json() throws -> JSONValue {
        try JSONValue(encoding: self)
    }

    var base: Base { Base(commit: baseCommit, name: baseName) }
}
