/// A stage while its file is read.
struct StageDraft {
    /// Its name, for messages.
    let node: YAMLNode
    let stage: WorkflowStage
    /// What the step is called that it becomes when its steps run side by side.
    let id: String

    /// What the step is called in which a person lets the next stage begin.
    var gateID: String { id + "-done" }

    /// Stages of a workflow, at most.
    static let limit = 50

    private static let keys = ["name", "agent", "parallel", "required", "transition"]

    /// The stages in their order; nil when they cannot be told, and an error was noted.
    static func read(
        _ entry: YAMLEntry, agents: Set<String>, _ diagnostics: inout WorkflowDiagnostics
    ) -> [StageDraft]? {
        guard case .sequence(let nodes) = entry.value.content else {
            diagnostics.add(entry.value, "expected a list of stages, found \(entry.value.kind)")
            return nil
        }
        guard (1...limit).contains(nodes.count) else {
            let fault = nodes.isEmpty ? "the list of stages is empty" : "there are more than \(limit) stages"
            diagnostics.add(entry, fault)
            return nil
        }
        var stages: [StageDraft] = []
        var lines: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            let isLast = index == nodes.count - 1
            guard let stage = StageDraft(node, number: index + 1, isLast: isLast, agents, &diagnostics) else {
                continue
            }
            if let line = lines[stage.stage.name] {
                diagnostics.add(stage.node, "the stage \"\(stage.stage.name.shortened)\" is already in line \(line)")
            } else {
                lines[stage.stage.name] = stage.node.line
            }
            stages.append(stage)
        }
        return lines.count == nodes.count ? stages : nil
    }

    /// Nil without a name that can be used; an error was noted then.
    private init?(
        _ node: YAMLNode, number: Int, isLast: Bool, _ agents: Set<String>, _ diagnostics: inout WorkflowDiagnostics
    ) {
        var entries: [String: YAMLEntry] = [:]
        var place = node
        if case .mapping = node.content {
            entries = diagnostics.entries(node, of: "a stage", knowing: StageDraft.keys) ?? [:]
            guard let entry = entries["name"] else {
                diagnostics.add(node, "a stage needs a \"name\"")
                return nil
            }
            place = entry.value
        } else if case .sequence = node.content {
            diagnostics.add(node, "expected the name of a stage or a map, found \(node.kind)")
            return nil
        }
        guard let name = diagnostics.title(place, limit: 100) else { return nil }
        // The name stands in what a person is asked, which is a template.
        if let mark = ["{{", "{%", "{#"].first(where: { name.contains($0) }) {
            diagnostics.add(place, "the name of a stage cannot contain \"\(mark)\"")
            return nil
        }
        func value(_ key: String) -> YAMLNode? { entries[key]?.value }
        var stage = WorkflowStage(name: name)
        stage.agent = value("agent").flatMap { diagnostics.agent($0, knowing: agents) }
        stage.parallel = value("parallel").flatMap { diagnostics.bool($0) } ?? false
        stage.required = value("required").flatMap { diagnostics.bool($0) } ?? true
        stage.transition =
            value("transition").flatMap { StageDraft.readTransition($0, isLast: isLast, name, &diagnostics) }
            ?? .automatic
        self.node = place
        self.stage = stage
        // A name may have no letter that an id may have.
        id = StepDraft.slug(name) ?? "stage-\(number)"
    }

    private static func readTransition(
        _ node: YAMLNode, isLast: Bool, _ stage: String, _ diagnostics: inout WorkflowDiagnostics
    ) -> WorkflowStage.Transition? {
        guard let text = diagnostics.text(node) else { return nil }
        guard let transition = WorkflowStage.Transition(rawValue: text) else {
            diagnostics.add(node, "unknown transition \"\(text.shortened)\", use automatic or manual")
            return nil
        }
        if isLast, transition == .manual {
            diagnostics.add(
                node, "nothing follows \"\(stage.shortened)\", so that its transition cannot be manual")
        }
        return transition
    }
}
