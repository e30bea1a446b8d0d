/// A group of steps while its file is read.
struct GroupDraft {
    var body: GroupBody
    var drafts: [StepDraft] = []
    var until: (value: WorkflowCondition, node: YAMLNode, skipped: Int)?
    /// The list of a `foreach`, where it is a template.
    var items: YAMLNode?
    var with: [String: YAMLNode] = [:]
    /// Of a fork: the step that chooses.
    var judge: [StepDraft] = []
    /// Of a matrix: its values by name.
    var names: Set<String> = []

    static let keys: [String: [String]] = [
        "loop": ["steps", "until", "max"],
        "parallel": ["steps", "max-parallel", "merge"],
        "foreach": ["steps", "items", "max", "max-parallel", "fail-fast"],
        "strategy": ["matrix", "max-parallel", "fail-fast"],
        "fork": ["steps", "count", "agents", "judge"],
    ]

    /// Groups inside groups, at most.
    static let deepest = 4

    /// Nil when something essential is missing; an error was noted then.
    init?(
        _ kind: GroupBody.Kind, _ entry: YAMLEntry, agents: Set<String>, depth: Int,
        _ diagnostics: inout WorkflowDiagnostics
    ) {
        body = GroupBody(kind: kind, steps: [])
        guard depth <= GroupDraft.deepest else {
            diagnostics.add(entry, "groups are nested more than \(GroupDraft.deepest) deep")
            return nil
        }
        if kind == .workflow {
            guard let name = diagnostics.title(entry.value, limit: 200) else { return nil }
            // A file that somebody else's workflow names is none that the person named.
            if case .path = WorkflowReference(name) {
                diagnostics.add(
                    entry.value, "\"\(name)\" is a path; a workflow is called by its name (docs/workflow-sources.md)")
                return nil
            }
            diagnostics.call(name, entry.value)
            body.workflow = name
            return
        }
        // The short form: only the steps.
        if case .sequence = entry.value.content, kind == .parallel {
            body.width = GroupBody.mostItems
            readSteps(entry.value, agents, depth, &diagnostics)
            return
        }
        let what = kind == .matrix ? "strategy" : kind.rawValue
        guard
            let entries = diagnostics.entries(
                entry.value, of: "\"\(what)\"", knowing: GroupDraft.keys[what] ?? [])
        else { return nil }
        let width = entries["max-parallel"].flatMap { diagnostics.integer($0.value, in: 1...GroupBody.mostItems) }
        body.width = width ?? (kind == .parallel ? GroupBody.mostItems : 1)
        body.failFast = entries["fail-fast"].flatMap { diagnostics.bool($0.value) } ?? true
        switch kind {
        case .loop:
            until = entries["until"].flatMap { StepDraft.readCondition($0.value, &diagnostics) }
            body.limit =
                entries["max"].flatMap { diagnostics.integer($0.value, in: 1...GroupBody.mostRounds) }
                ?? GroupBody.defaultRounds
        case .foreach:
            body.limit =
                entries["max"].flatMap { diagnostics.integer($0.value, in: 1...GroupBody.mostItems) }
                ?? GroupBody.defaultItems
            readItems(entries["items"], in: entry, &diagnostics)
        case .matrix:
            readMatrix(entries["matrix"], in: entry, &diagnostics)
            return
        case .fork: readFork(entries, in: entry, agents, depth, &diagnostics)
        case .parallel, .workflow: break
        }
        guard let steps = entries["steps"] else {
            diagnostics.add(entry, "\"\(what)\" needs \"steps\"")
            return nil
        }
        if kind == .parallel, let merge = entries["merge"] { readMerge(merge, agents, depth, &diagnostics) }
        readSteps(steps.value, agents, depth, &diagnostics)
        guard body.joins else { return }
        if !(2...GroupBody.mostCandidates).contains(drafts.count) {
            diagnostics.add(entry, "from 2 to \(GroupBody.mostCandidates) steps can be merged")
        }
        body.limit = max(drafts.count, 1)
        body.width = body.limit
    }

    /// The body with its steps; nil when one of them is wrong.
    var group: GroupBody? {
        var group = body
        group.steps = drafts.compactMap(\.step)
        group.until = until?.value
        group.judge = judge.compactMap(\.step)
        group.with = with.compactMapValues(WorkflowReader.text)
        return group.steps.count == drafts.count ? group : nil
    }

    private mutating func readSteps(
        _ node: YAMLNode, _ agents: Set<String>, _ depth: Int, _ diagnostics: inout WorkflowDiagnostics
    ) {
        guard case .sequence(let nodes) = node.content else {
            diagnostics.add(node, "expected a list of steps, found \(node.kind)")
            return
        }
        if nodes.isEmpty { diagnostics.add(node, "the list of steps is empty") }
        for (index, item) in nodes.enumerated() {
            drafts.append(
                StepDraft(item, number: index + 1, agents: agents, depth: depth, diagnostics: &diagnostics))
        }
        guard body.width > 1, body.kind != .fork else { return }
        if body.kind == .foreach, drafts.count > 1 {
            diagnostics.add(
                node, "a \"foreach\" with \"max-parallel\" has one step; those of an item follow each other")
        }
        for draft in drafts { draft.checkRunsBesideOthers(&diagnostics) }
    }

    private mutating func readItems(
        _ entry: YAMLEntry?, in owner: YAMLEntry, _ diagnostics: inout WorkflowDiagnostics
    ) {
        guard let entry else { return diagnostics.add(owner, "\"foreach\" needs \"items\"") }
        guard case .sequence(let nodes) = entry.value.content else {
            guard let text = diagnostics.text(entry.value) else { return }
            items = entry.value
            body.items = text
            return
        }
        guard nodes.count <= GroupBody.mostItems else {
            return diagnostics.add(entry, "the list has more than \(GroupBody.mostItems) items")
        }
        if nodes.isEmpty { diagnostics.add(entry, "the list of items is empty") }
        body.list = nodes.map(\.written)
    }
}
