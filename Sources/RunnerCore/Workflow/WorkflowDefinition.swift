/// A checked workflow: parsing it again from its JSON gives an equal value.
package struct WorkflowDefinition: Sendable, Hashable, Codable {
    package var name: String
    package var description: String?
    package var inputs: [String: WorkflowInput]
    /// Templates, rendered for each step; a step's own `env` wins.
    package var env: [String: String]
    /// The limit of a whole run.
    package var timeout: Duration?
    /// What a whole run may use, candidates included.
    package var budget: Budget?
    /// In their order; empty: the steps name stages as they like. What the stages ask for is in the steps already.
    package var stages: [WorkflowStage]
    /// In file order; see `executionOrder`.
    package var steps: [WorkflowStep]

    package init(
        name: String, description: String? = nil, inputs: [String: WorkflowInput] = [:], env: [String: String] = [:],
        timeout: Duration? = nil, budget: Budget? = nil, stages: [WorkflowStage] = [], steps: [WorkflowStep]
    ) {
        self.name = name
        self.description = description
        self.inputs = inputs
        self.env = env
        self.timeout = timeout
        self.budget = budget
        self.stages = stages
        self.steps = steps
    }

    /// The steps in the order they run: the file's order, except that no step comes before one that it needs.
    package var executionOrder: [WorkflowStep] {
        StepOrder(steps.map { (id: $0.id, needs: $0.needs) }).indices.map { steps[$0] }
    }

    /// The step that `key` means in a run: an id, or a path such as `fix#2/test`.
    ///
    /// A step inside a group comes with its whole key as `id`, and `needs` likewise.
    package func step(_ key: String) -> WorkflowStep? {
        if let step = steps.first(where: { $0.id == key }) { return step }
        guard key.contains("/") || key.contains("#") else { return nil }
        return nested(StepPath(key))
    }

    private func nested(_ path: StepPath) -> WorkflowStep? {
        var candidates = steps
        var found: WorkflowStep?
        for component in path.components {
            guard let step = candidates.first(where: { $0.id == component.id }) else { return nil }
            found = step
            candidates = []
            guard let group = step.group else {
                if component.number != nil { return nil }
                continue
            }
            if let number = component.number, !group.isNumbered || number < 1 || number > group.mostTurns { return nil }
            if group.kind == .matrix, component.number != nil {
                found = group.steps.first
            } else if group.kind == .fork {
                if component.number != nil { found = WorkflowStep(id: step.id, stage: step.stage, body: .candidate) }
                candidates = group.epilogue
            } else {
                candidates = group.steps
            }
        }
        guard var step = found else { return nil }
        let scope = path.scope
        step.id = path.text
        step.needs = step.needs.map { scope.isEmpty ? $0 : scope + "/" + $0 }
        return step
    }

    /// The group that the step belongs to; nil at the top.
    package func group(above key: String) -> GroupBody? {
        guard let parent = StepPath(key).parent else { return nil }
        return step(parent.text)?.group
    }

    /// Whether the step may run beside its siblings.
    package func runsBesideOthers(_ key: String) -> Bool {
        guard let group = group(above: key), group.width > 1 else { return false }
        // What follows the candidates of a fork follows each other.
        return group.kind != .fork || StepPath(key).components.last?.number != nil
    }

    /// Whether the step, or a group that it is in, may run beside others in the same worktree.
    package func mayHaveCompany(_ key: String) -> Bool {
        var path: StepPath? = StepPath(key)
        while let here = path {
            if runsBesideOthers(here.text) { return true }
            path = here.parent
        }
        return false
    }

    /// The longest key that a step of a run may have.
    var longestKey: String? {
        func keys(_ steps: [WorkflowStep], under prefix: String) -> [String] {
            steps.flatMap { step -> [String] in
                let key = prefix + step.id
                guard let group = step.group else { return [key] }
                let turn = StepPath.key(in: key, turn: group.isNumbered ? group.mostTurns : nil, id: nil)
                if group.kind == .fork { return [turn] + keys(group.epilogue, under: key + "/") }
                return group.kind == .matrix ? [turn] : [key] + keys(group.steps, under: turn + "/")
            }
        }
        return keys(steps, under: "").max { $0.utf8.count < $1.utf8.count }
    }

    /// The groups, by key without the numbers of turns.
    var groupKeys: Set<String> {
        func keys(_ steps: [WorkflowStep], under prefix: String) -> [String] {
            steps.flatMap { step -> [String] in
                guard let group = step.group else { return [] }
                return [prefix + step.id] + keys(group.steps, under: prefix + step.id + "/")
            }
        }
        return Set(keys(steps, under: ""))
    }

    /// Every step, those inside groups after the group.
    package var allSteps: [WorkflowStep] {
        func all(_ steps: [WorkflowStep]) -> [WorkflowStep] {
            steps.flatMap { step in [step] + (step.group.map { all($0.steps + $0.judge) } ?? []) }
        }
        return all(steps)
    }

    private enum CodingKeys: String, CodingKey {
        case name, description, inputs, env, timeout, budget, stages, steps
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        description = try container.decodeIfPresent(String.self, forKey: .description)
        inputs = try container.decodeIfPresent([String: WorkflowInput].self, forKey: .inputs) ?? [:]
        env = try container.decodeIfPresent([String: String].self, forKey: .env) ?? [:]
        timeout = try container.decodeIfPresent(Double.self, forKey: .timeout).map(Duration.seconds)
        budget = try container.decodeIfPresent(Budget.self, forKey: .budget)
        stages = try container.decodeIfPresent([WorkflowStage].self, forKey: .stages) ?? []
        steps = try container.decode([WorkflowStep].self, forKey: .steps)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encodeIfPresent(description, forKey: .description)
        if !inputs.isEmpty { try container.encode(inputs, forKey: .inputs) }
        if !env.isEmpty { try container.encode(env, forKey: .env) }
        try container.encodeIfPresent(timeout?.inSeconds, forKey: .timeout)
        try container.encodeIfPresent(budget, forKey: .budget)
        if !stages.isEmpty { try container.encode(stages, forKey: .stages) }
        try container.encode(steps, forKey: .steps)
    }
}
