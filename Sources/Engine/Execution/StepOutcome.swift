import Agents
import RunnerCore
import Store

/// What one attempt came to, ready to be recorded and to decide what is next.
struct StepOutcome: Sendable {
    var attempt: AttemptRecord
    var tools: [ToolExecution]
    var result: StepResult
    var facts: StepFacts
    /// Nil for scripts.
    var agent: AgentFinish?
    /// Where the branch stands after it; nil when it was not looked at.
    var branchTip: String?
    /// The commit that the task's work begins at from now on; nil: as before.
    var base: String?
    /// What it handed over.
    var artifacts: [NewArtifact] = []

    /// Whether its agent is one that tells which tools it uses.
    var tellsTools: Bool {
        guard let agent, agent.agent != "command" else { return false }
        if AdapterRegistry.adapter(named: agent.agent) != nil { return true }
        return (try? AgentCatalog.adapter(agent.agent))?.facts.reports.contains(.tools) ?? false
    }
}
