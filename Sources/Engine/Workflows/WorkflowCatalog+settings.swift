import Agents
import RunnerCore

extension WorkflowCatalog.Found {
    /// Throws `WorkflowErrors` with what is wrong under `with` of the agents that its steps name.
    ///
    /// A command line that is missing may yet come with the start, and what `default` means is not known.
    package func checkSettings() throws {
        _ = try WorkflowParser.parse(
            Array(source.utf8), file: origin, knownAgents: AgentCatalog.workflowNames
        ) { agent, settings in
            guard agent != AgentBody.defaultAgent, let adapter = try? AgentCatalog.adapter(agent) else { return nil }
            var complete = settings
            if adapter.takesCommand, settings["command"] == nil { complete["command"] = .string("true") }
            do throws(AgentsError) {
                try adapter.validate(complete)
                return nil
            } catch {
                return (error.key, error.message)
            }
        }
    }
}
