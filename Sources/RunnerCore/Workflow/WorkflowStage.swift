/// A stretch of a workflow: its steps follow those of the stage before it.
///
/// What it asks for is done while the file is read: the steps of a definition hold its groups, decisions and agents.
package struct WorkflowStage: Sendable, Hashable {
    package enum Transition: String, Sendable, Codable, CaseIterable {
        /// The next stage begins by itself.
        case automatic
        /// A person lets the next stage begin.
        case manual
    }

    /// Unique in the workflow; one line, at most 100 characters.
    package var name: String
    /// What `default` means in its steps; nil: what it means in the run.
    package var agent: String?
    /// Its steps run side by side.
    package var parallel: Bool
    /// A failure in it fails the run.
    package var required: Bool
    /// How the next stage begins.
    package var transition: Transition

    package init(
        name: String, agent: String? = nil, parallel: Bool = false, required: Bool = true,
        transition: Transition = .automatic
    ) {
        self.name = name
        self.agent = agent
        self.parallel = parallel
        self.required = required
        self.transition = transition
    }
}

/// The JSON of a stage uses the keys of the YAML file, and leaves out what is as usual.
extension WorkflowStage: Codable {
    private enum CodingKeys: String, CodingKey {
        case name, agent, parallel, required, transition
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            agent: try container.decodeIfPresent(String.self, forKey: .agent),
            parallel: try container.decodeIfPresent(Bool.self, forKey: .parallel) ?? false,
            required: try container.decodeIfPresent(Bool.self, forKey: .required) ?? true,
            transition: try container.decodeIfPresent(Transition.self, forKey: .transition) ?? .automatic)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encodeIfPresent(agent, forKey: .agent)
        if parallel { try container.encode(true, forKey: .parallel) }
        if !required { try container.encode(false, forKey: .required) }
        if transition != .automatic { try container.encode(transition, forKey: .transition) }
    }
}
