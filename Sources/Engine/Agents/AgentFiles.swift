package import Agents
import Foundation

/// The agents that YAML files describe, one each, called as the file is.
package struct AgentFiles: Sendable {
    /// `$XDG_CONFIG_HOME/runner/agents`; nil when no home is known.
    package let folder: String?

    /// Larger files are no descriptions.
    private static let limit = 256 << 10

    package init(environment: [String: String]) {
        folder = ConfigFolder.path(environment: environment).map { $0 + "/runner/agents" }
    }

    /// Those of this process's own user.
    static var user: AgentFiles { AgentFiles(environment: ProcessInfo.processInfo.environment) }

    /// Sorted.
    package var names: [String] {
        let files = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) } ?? []
        return files.filter { $0.hasSuffix(".yaml") && $0.count > 5 && !$0.hasPrefix(".") }
            .map { String($0.dropLast(5)) }.sorted()
    }

    /// Nil when there is no such file; throws when it is wrong.
    package func adapter(named name: String) throws -> FileAgentAdapter? {
        guard let (bytes, path) = try read(name) else { return nil }
        return FileAgentAdapter(try FileAgent(yaml: bytes, name: name, file: path))
    }

    /// What the file says of an agent that the runner knows by itself; nil for others, and without a file.
    package func defaults(for adapter: any AgentAdapter) throws -> AgentDefaults? {
        guard adapter.evidence != .described, let (bytes, path) = try read(adapter.name) else { return nil }
        return try AgentDefaults(yaml: bytes, for: adapter, file: path)
    }

    func read(_ name: String) throws -> (bytes: [UInt8], path: String)? {
        guard let folder, names.contains(name) else { return nil }
        let path = "\(folder)/\(name).yaml"
        guard let bytes = StepFiles.read(path, limit: Self.limit + 1, followsLinks: true), bytes.count <= Self.limit
        else {
            throw AgentsError(
                .invalidValue, agent: name, message: "\(path): cannot be read, or is larger than \(Self.limit) bytes")
        }
        return (bytes, path)
    }

    /// The patterns of what the agents leave in worktrees, in the form of `.gitignore`; a file with a mistake has none.
    var worktreeFiles: [UInt8] {
        // Most files say nothing of it, and need not be understood at each start.
        let word = "worktree-files"
        let lines = names.compactMap { name -> [String]? in
            guard let bytes = try? read(name)?.bytes, String(decoding: bytes, as: UTF8.self).contains(word) else {
                return nil
            }
            return (try? adapter(named: name))?.worktreeFiles
        }
        return lines.joined().flatMap { Array("\($0)\n".utf8) }
    }

    /// What an agent is for: `planning`, `development`, `qa`, `review` or `custom`.
    package func type(of adapter: any AgentAdapter) -> String {
        if let described = adapter as? FileAgentAdapter { return described.agent.type }
        return (try? defaults(for: adapter))?.type ?? (adapter.takesCommand ? "custom" : "development")
    }
}
