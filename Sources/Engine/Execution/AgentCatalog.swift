import Agents
import RunnerCore

/// The agents a workflow can name, and which one `default` means.
package enum AgentCatalog {
    package static var names: [String] { AdapterRegistry.names }
    package static var workflowNames: Set<String> { Set(names) }

    static func unknown(_ name: String) -> EngineError {
        EngineError(
            .unknownAgent, "there is no agent \"\(name)\"", hint: "use one of \(names.joined(separator: ", "))")
    }

    static func adapter(_ name: String) throws -> any AgentAdapter {
        guard let adapter = AdapterRegistry.adapter(named: name) else { throw unknown(name) }
        return adapter
    }

    /// The programs that must be on PATH for `name`, and how to get them.
    static func requirement(of name: String) -> (program: String, advice: String)? {
        switch name {
        case "claude": ("claude", "install Claude Code, or choose another agent with --agent or --command")
        default: nil
        }
    }
}
