import Agents
import RunnerCore

extension WorkflowCatalog.Found {
    /// Throws `WorkflowErrors` with what is wrong under `with` of the agents that its steps name, and in its `calls`.
    ///
    /// A command line that is missing may yet come with the start, and what `default` means is not known.
    package func check(calls: WorkflowCalls) throws {
        _ = try WorkflowParser.parse(
            Array(source.utf8), file: origin, knownAgents: AgentCatalog.workflowNames, checkSettings: Self.problem,
            checkCall: calls.problem)
        if let problem = calls.problemTogether {
            throw WorkflowErrors([
                WorkflowError(file: origin, line: 1, column: 1, keyPath: "", message: problem.description)
            ])
        }
    }

    private static func problem(_ agent: String, _ settings: [String: JSONValue]) -> (key: String?, message: String)? {
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
