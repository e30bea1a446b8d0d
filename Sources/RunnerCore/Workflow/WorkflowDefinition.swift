/// A checked workflow: parsing it again from its JSON gives an equal value.
package struct WorkflowDefinition: Sendable, Hashable, Codable {
    package var name: String
    package var description: String?
    package var inputs: [String: WorkflowInput]
    /// Templates, rendered for each step; a step's own `env` wins.
    package var env: [String: String]
    /// The limit of a whole run.
    package var timeout: Duration?
    /// In file order; see `executionOrder`.
    package var steps: [WorkflowStep]

    package init(
        name: String, description: String? = nil, inputs: [String: WorkflowInput] = [:], env: [String: String] = [:],
        timeout: Duration? = nil, steps: [WorkflowStep]
    ) {
        self.name = name
        self.description = description
        self.inputs = inputs
        self.env = env
        self.timeout = timeout
        self.steps = steps
    }

    /// The steps in the order they run: the file's order, except that no step comes before one that it needs.
    package var executionOrder: [WorkflowStep] {
        StepOrder(steps.map { (id: $0.id, needs: $0.needs) }).indices.map { steps[$0] }
    }

    package func step(_ id: String) -> WorkflowStep? {
        steps.first { $0.id == id }
    }

    private enum CodingKeys: String, CodingKey {
        case name, description, inputs, env, timeout, steps
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        inputs = try container.decodeIfPresent([String: WorkflowInput].self, forKey: .inputs) ?? [:]
        env = try container.decodeIfPresent([String: String].self, forKey: .env) ?? [:]
        timeout = try container.decodeIfPresent(Double.self, forKey: .timeout).map(Duration.seconds)
        steps = try container.decode([WorkflowStep].self, forKey: .steps)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encodeIfPresent(description, forKey: .description)
        if !inputs.isEmpty { try container.encode(inputs, forKey: .inputs) }
        if !env.isEmpty { try container.encode(env, forKey: .env) }
        try container.encodeIfPresent(timeout?.inSeconds, forKey: .timeout)
        try container.encode(steps, forKey: .steps)
    }
}
