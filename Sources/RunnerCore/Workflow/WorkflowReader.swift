/// Reads the top level of a workflow file, then checks what concerns several steps at once.
struct WorkflowReader {
    var diagnostics: WorkflowDiagnostics
    let agents: Set<String>

    init(diagnostics: WorkflowDiagnostics, agents: Set<String>) {
        self.diagnostics = diagnostics
        self.agents = agents
    }

    private static let keys = ["name", "description", "inputs", "env", "timeout", "budget", "stages", "steps"]

    /// Nil when the file is too wrong to make anything of it; `diagnostics` says why.
    mutating func read(_ root: YAMLNode) -> WorkflowDefinition? {
        if case .scalar(let scalar) = root.content, scalar.isNull {
            diagnostics.add(root, "the file is empty")
            return nil
        }
        guard let entries = diagnostics.entries(root, of: "the workflow", knowing: WorkflowReader.keys) else {
            return nil
        }
        let name = readName(entries["name"], root)
        let inputs = readInputs(entries["inputs"])
        let env = entries["env"].map { diagnostics.environment($0.value) } ?? [:]
        let timeout = entries["timeout"].flatMap { diagnostics.duration($0.value) }
        let budget = entries["budget"].flatMap { diagnostics.budget($0.value) }
        let description = entries["description"].flatMap { diagnostics.text($0.value) }
        check(env, inputs: inputs)
        let stages = entries["stages"].flatMap { StageDraft.read($0, agents: agents, &diagnostics) }
        let steps = readSteps(
            entries["steps"], root, stages, hasStages: entries["stages"] != nil, inputs: Set(inputs.keys),
            env: Set(env.keys))
        guard let name, let steps else { return nil }
        return WorkflowDefinition(
            name: name, description: description, inputs: inputs, env: env.compactMapValues(WorkflowReader.text),
            timeout: timeout, budget: budget, stages: stages?.map(\.stage) ?? [], steps: steps)
    }

    static func text(_ node: YAMLNode) -> String? {
        guard case .scalar(let scalar) = node.content else { return nil }
        return scalar.isNull ? "" : scalar.text
    }

    private mutating func readName(_ entry: YAMLEntry?, _ root: YAMLNode) -> String? {
        guard let entry else {
            diagnostics.add(line: root.line, column: root.column, keyPath: "name", "the workflow has no \"name\"")
            return nil
        }
        return diagnostics.title(entry.value, limit: 100)
    }

    private mutating func readInputs(_ entry: YAMLEntry?) -> [String: WorkflowInput] {
        var inputs: [String: WorkflowInput] = [:]
        var variables: [String: String] = [:]
        for entry in entry.flatMap({ diagnostics.map($0.value) }) ?? [] {
            guard TemplatePath.isPlain(entry.key), EnvironmentName.isValid(entry.key.replacing("-", with: "_")) else {
                diagnostics.add(
                    entry, "\"\(entry.key.shortened)\" is no name for an input; use letters, digits, - and _")
                continue
            }
            if let other = variables.updateValue(entry.key, forKey: EnvironmentName.ofInput(entry.key)) {
                diagnostics.add(entry, "the input is not told apart from \"\(other)\" in RUNNER_INPUT_ variables")
            }
            inputs[entry.key] = readInput(entry.value)
        }
        return inputs
    }

    private mutating func readInput(_ node: YAMLNode) -> WorkflowInput {
        var input = WorkflowInput()
        if case .scalar(let scalar) = node.content, scalar.isNull { return input }
        let keys = ["description", "default", "required"]
        guard let entries = diagnostics.entries(node, of: "an input", knowing: keys) else { return input }
        input.description = entries["description"].flatMap { diagnostics.text($0.value, mayBeEmpty: true) }
        input.required = entries["required"].flatMap { diagnostics.bool($0.value) } ?? false
        if let value = entries["default"]?.value {
            if case .scalar(let scalar) = value.content {
                input.defaultValue = scalar.isNull ? nil : scalar.written
            } else {
                diagnostics.add(value, "expected a text, a number, true or false, found \(value.kind)")
            }
        }
        return input
    }

    /// The workflow's own environment is rendered for each step, before anything of the step is known.
    private mutating func check(_ env: [String: YAMLNode], inputs: [String: WorkflowInput]) {
        let scope = TemplateScope(
            inputs: Set(inputs.keys),
            unavailable: [
                "env": "the workflow's \"env\" is what it is made of",
                "steps": "the workflow's \"env\" is the same for all steps; put it into a step's \"env\"",
            ])
        for node in env.values { diagnostics.checkTemplate(node, scope) }
    }

    private mutating func readSteps(
        _ entry: YAMLEntry?, _ root: YAMLNode, _ stages: [StageDraft]?, hasStages: Bool, inputs: Set<String>,
        env: Set<String>
    ) -> [WorkflowStep]? {
        guard let entry else {
            diagnostics.add(line: root.line, column: root.column, keyPath: "steps", "the workflow has no \"steps\"")
            return nil
        }
        guard case .sequence(let nodes) = entry.value.content else {
            diagnostics.add(entry.value, "expected a list of steps, found \(entry.value.kind)")
            return nil
        }
        guard !nodes.isEmpty else {
            diagnostics.add(entry.value, "the list of steps is empty")
            return nil
        }
        var drafts: [StepDraft] = []
        for (index, node) in nodes.enumerated() {
            drafts.append(StepDraft(node, number: index + 1, agents: agents, diagnostics: &diagnostics))
        }
        StepDraft.assignIDs(&drafts, &diagnostics)
        // After the ids, so that steps are called the same with stages and without.
        let arrangement = stages.map { StageArrangement(drafts, in: $0, &diagnostics) }
        drafts = arrangement?.drafts ?? drafts
        // Steps that are not arranged lack what others may name; that they are not is an error already.
        if arrangement?.isArranged ?? !hasStages {
            StepDraft.checkNeeds(drafts, members: arrangement?.members ?? [:], &diagnostics)
            StepDraft.checkRework(drafts, members: arrangement?.members ?? [:], &diagnostics)
            StepDraft.checkNames(drafts, inputs: inputs, env: env, &diagnostics)
        }
        var steps = drafts.compactMap(\.step)
        guard steps.count == drafts.count else { return nil }
        if let stages { steps = WorkflowStep.placed(steps, in: stages.map(\.stage)) }
        checkSize(steps, entry.value)
        return steps
    }

    /// Groups multiply: what a run may come to must still be countable, and its keys must fit their column.
    private mutating func checkSize(_ steps: [WorkflowStep], _ node: YAMLNode) {
        let workflow = WorkflowDefinition(name: "", steps: steps)
        if StepLayout(workflow).count > StepLayout.limit {
            diagnostics.add(node, "the steps can come to more than \(StepLayout.limit) in a run; lower a \"max\"")
        }
        if let key = workflow.longestKey, key.utf8.count > WorkflowReader.keyLimit {
            diagnostics.add(
                node,
                "the step \"\(key.shortened)\" has a name of more than \(WorkflowReader.keyLimit) characters; shorten ids"
            )
        }
    }

    private static let keyLimit = 190
}
