extension StepDraft {
    private static let groups: [(key: String, kind: GroupBody.Kind)] = [
        ("loop", .loop), ("parallel", .parallel), ("foreach", .foreach), ("workflow", .workflow),
        ("fork", .fork),
    ]

    /// Reads what makes the step a group, where something does.
    mutating func readGroup(
        _ entries: [String: YAMLEntry], _ agents: Set<String>, depth: Int, _ diagnostics: inout WorkflowDiagnostics
    ) {
        let found = StepDraft.groups.filter { entries[$0.key] != nil }
        guard let (key, kind) = found.first, let entry = entries[key] else { return }
        var alien =
            [
                "run", "shell", "agent", "prompt", "approval", "strategy", "timeout", "idle-timeout", "env", "writes",
                "max-attempts", "fallback",
            ] + StepContract.keys
        if kind != .workflow { alien.append("with") }
        alien += found.dropFirst().map(\.key)
        refuse(alien, in: entries, because: "the step is a \"\(key)\"", &diagnostics)
        group = GroupDraft(kind, entry, agents: agents, depth: depth + 1, &diagnostics)
        if group?.body.kind == .fork {
            refuse(["budget"], in: entries, because: "its tasks are bounded by the budget of the run", &diagnostics)
        }
        guard kind == .workflow, let with = entries["with"] else { return }
        for entry in diagnostics.map(with.value) ?? [] {
            if diagnostics.text(entry.value, mayBeEmpty: true) != nil { group?.with[entry.key] = entry.value }
        }
    }

    /// The steps and, after each group, those inside it.
    static func flattened(_ drafts: [StepDraft]) -> [StepDraft] {
        drafts.flatMap { [$0] + flattened($0.inner) }
    }

    /// Ids of the steps inside the group, at any depth.
    var innerIDs: [String] {
        let judge = group?.judge ?? []
        // What the candidates of a fork did is known of the winner alone.
        if let body = group?.body, body.kind == .fork, !body.joins {
            return judge.compactMap(\.id) + [GroupTask.winner.rawValue]
        }
        let own = group?.body.joins == true ? [GroupTask.merge.rawValue, GroupTask.merged.rawValue] : []
        return own + judge.compactMap(\.id) + StepDraft.flattened(group?.drafts ?? []).compactMap(\.id)
    }

    /// Checks that each approval sends back to a step that comes before it, beside it.
    ///
    /// `members` are steps of stages whose steps run side by side, with the step that the stage has become.
    static func checkRework(
        _ drafts: [StepDraft], members: [String: String] = [:], _ diagnostics: inout WorkflowDiagnostics
    ) {
        for (index, draft) in drafts.enumerated() {
            if let group = draft.group { checkRework(group.drafts, &diagnostics) }
            guard let node = draft.rework, let id = WorkflowReader.text(node) else { continue }
            let earlier = drafts[..<index].compactMap(\.id)
            guard !earlier.contains(id) else { continue }
            if let stage = members[id], earlier.contains(stage) {
                diagnostics.add(
                    node, "\"\(id)\" runs beside the other steps of its stage; go back to \"\(stage)\" instead")
                continue
            }
            let near = Suggestion.closest(to: id, among: earlier)
            diagnostics.add(
                node,
                "there is no step \"\(id.shortened)\" before the approval"
                    + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
        }
    }
}
