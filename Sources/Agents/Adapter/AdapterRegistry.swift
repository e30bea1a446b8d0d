/// The agents that the runner knows how to drive by itself.
package enum AdapterRegistry {
    private static let adapters: [any AgentAdapter] = [
        ClaudeAdapter(), CodexAdapter(), VibeAdapter(), OpenHandsAdapter(), GptmeAdapter(), MiniAdapter(),
        AiderAdapter(), GeminiAdapter(), OpenCodeAdapter(), GooseAdapter(), CursorAdapter(), CopilotAdapter(),
        AmpAdapter(), ACPAdapter(), CommandAdapter(),
    ]

    /// Sorted.
    package static var names: [String] {
        adapters.map(\.name).sorted()
    }

    /// Nil for an unknown name.
    package static func adapter(named name: String) -> (any AgentAdapter)? {
        adapters.first { $0.name == name }
    }
}
