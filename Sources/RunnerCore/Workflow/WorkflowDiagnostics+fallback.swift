extension WorkflowDiagnostics {
    /// Agents that take over: a name, a map, or a list of those.
    mutating func fallback(_ node: YAMLNode, knowing agents: Set<String>) -> [AgentFallback] {
        let nodes = node.items
        if nodes.count > WorkflowDiagnostics.fallbackLimit {
            add(node, "at most \(WorkflowDiagnostics.fallbackLimit) agents can take over")
        }
        // Whoever takes over must be known beforehand.
        let named = agents.subtracting([AgentBody.defaultAgent])
        return nodes.compactMap { fallbackEntry($0, knowing: named) }
    }

    private static let fallbackLimit = 8

    private mutating func fallbackEntry(_ node: YAMLNode, knowing agents: Set<String>) -> AgentFallback? {
        if case .scalar = node.content { return agent(node, knowing: agents).map { AgentFallback(agent: $0) } }
        guard let entries = entries(node, of: "\"fallback\"", knowing: ["agent", "model", "with", "on"]) else {
            return nil
        }
        var entry = AgentFallback(agent: nil)
        entry.agent = entries["agent"].flatMap { agent($0.value, knowing: agents) }
        entry.model = entries["model"].flatMap { title($0.value, limit: 200) }
        entry.with = settings(entries["with"]?.value, of: entry.agent)
        if let on = entries["on"] { entry.on = troubles(on.value) }
        guard entries["agent"] != nil || entries["model"] != nil else {
            add(node, "an entry of \"fallback\" needs an \"agent\", a \"model\" or both")
            return nil
        }
        return entry
    }

    private mutating func troubles(_ node: YAMLNode) -> [AgentTrouble] {
        let nodes = node.items
        if nodes.isEmpty { add(node, "the list is empty: the agent would never take over") }
        var troubles: [AgentTrouble] = []
        for node in nodes {
            guard let name = text(node) else { continue }
            if let trouble = AgentTrouble(rawValue: name) {
                if !troubles.contains(trouble) { troubles.append(trouble) }
            } else {
                let known = AgentTrouble.allCases.map(\.rawValue).joined(separator: ", ")
                add(node, "unknown trouble \"\(name.shortened)\", use \(known)")
            }
        }
        return troubles
    }
}
