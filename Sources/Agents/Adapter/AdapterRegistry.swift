/// The agents that the runner knows how to drive.
package enum AdapterRegistry {
    private static let adapters: [any AgentAdapter] = [ClaudeAdapter(), CommandAdapter()]

    /// Sorted.
    package static var names: [String] {
        adapters.map(\.name).sorted()
    }

    /// Nil for an unknown name.
    package static func adapter(named name: String) -> (any AgentAdapter)? {
        adapters.first { $0.name == name }
    }
}
