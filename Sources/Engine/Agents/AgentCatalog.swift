package import Agents
import Foundation
package import RunnerCore

/// The agents a workflow can name: those that the runner knows, and those that files in the user's folder describe.
package enum AgentCatalog {
    /// Sorted. A file that cannot be read has its name here too: using it says what is wrong with it.
    package static var names: [String] {
        (AdapterRegistry.names + AgentFiles.user.names.filter { AdapterRegistry.adapter(named: $0) == nil }).sorted()
    }

    package static var workflowNames: Set<String> { Set(names) }

    /// The agent that is taken when nobody names one; nil when none of them is on `path`.
    static func installed(on path: String?) -> String? {
        ["claude", "codex", "vibe"].first { ProgramPath.find($0, on: path) != nil }
    }

    static func unknown(_ name: String) -> EngineError {
        let other = AgentFiles.user.folder.map { "\($0)/\(name).yml" }
        if let other, !name.contains("/"), FileManager.default.fileExists(atPath: other) {
            return EngineError(
                .unknownAgent, "there is no agent \"\(name)\"", hint: "an agent's file ends in .yaml: rename \(other)")
        }
        return EngineError(
            .unknownAgent, "there is no agent \"\(name)\"",
            hint: "use one of \(names.joined(separator: ", ")), or describe it in a file (docs/agents.md)")
    }

    /// Throws for an unknown name, and for a file with a mistake in it.
    package static func adapter(_ name: String) throws -> any AgentAdapter {
        if let adapter = AdapterRegistry.adapter(named: name) { return adapter }
        if let adapter = try AgentFiles.user.adapter(named: name) { return adapter }
        throw unknown(name)
    }

    /// What a step's `with` gets where it says nothing; throws for a file with a mistake in it.
    package static func defaults(of adapter: any AgentAdapter) throws -> [String: JSONValue] {
        try AgentFiles.user.defaults(for: adapter)?.options ?? adapter.defaults
    }

    /// By agent; nil where there are none. A file with a mistake is told of where its agent is used.
    static var allDefaults: [String: [String: JSONValue]]? {
        let pairs = AgentFiles.user.names.compactMap { name -> (String, [String: JSONValue])? in
            guard let adapter = try? adapter(name), let options = try? defaults(of: adapter), !options.isEmpty else {
                return nil
            }
            return (name, options)
        }
        return pairs.isEmpty ? nil : Dictionary(pairs) { first, _ in first }
    }

    /// The program that must be on PATH for `name`, and how to get it; nil for agents that need none of their own.
    static func requirement(of name: String) -> (program: String, advice: String)? {
        guard let adapter = try? adapter(name), let program = adapter.program else { return nil }
        let advice = adapter.installation ?? "install \"\(program)\""
        return (program, "\(advice), or choose another agent with --agent or --command")
    }
}
