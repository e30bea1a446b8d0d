extension GroupDraft {
    /// Steps that write side by side get worktrees of their own, and their work is merged.
    mutating func readMerge(
        _ entry: YAMLEntry, _ known: Set<String>, _ depth: Int, _ diagnostics: inout WorkflowDiagnostics
    ) {
        body.kind = .fork
        body.joins = true
        if case .scalar(let scalar) = entry.value.content, scalar.bool == true { return }
        guard let entries = diagnostics.entries(entry.value, of: "\"merge\"", knowing: ["resolve"]),
            let resolve = entries["resolve"]
        else {
            if case .mapping = entry.value.content {
                diagnostics.add(entry, "\"merge\" is true, or has a step \"resolve\" for conflicts")
            }
            return
        }
        var draft = StepDraft(resolve.value, number: 1, agents: known, depth: depth, diagnostics: &diagnostics)
        if draft.group != nil { diagnostics.add(resolve, "what resolves conflicts is one step, not a group") }
        draft.presume(GroupBody.hasConflicts, at: resolve.value)
        judge = [draft]
    }

    /// Reads how many candidates a fork has, who they are, and who chooses among them.
    mutating func readFork(
        _ entries: [String: YAMLEntry], in owner: YAMLEntry, _ known: Set<String>, _ depth: Int,
        _ diagnostics: inout WorkflowDiagnostics
    ) {
        if let node = entries["agents"]?.value {
            for item in node.items {
                guard let name = diagnostics.text(item) else { continue }
                if !known.contains(name) {
                    let near = Suggestion.closest(to: name, among: known.sorted())
                    diagnostics.add(
                        item,
                        "unknown agent \"\(name.shortened)\""
                            + (near.map { ", did you mean \"\($0)\"?" } ?? ""))
                }
                body.agents.append(name)
            }
        }
        let count = entries["count"].flatMap { diagnostics.integer($0.value, in: 2...GroupBody.mostCandidates) }
        body.limit = count ?? (body.agents.count > 1 ? min(body.agents.count, GroupBody.mostCandidates) : 3)
        body.width = body.limit
        guard let judge = entries["judge"] else {
            return diagnostics.add(
                owner, "a \"fork\" needs a \"judge\": score, or a step with run, agent or approval")
        }
        if case .scalar(let scalar) = judge.value.content, scalar.text == "score" { return }
        let draft = StepDraft(judge.value, number: 1, agents: known, depth: depth, diagnostics: &diagnostics)
        if draft.group != nil { diagnostics.add(judge, "the judge of a fork is one step, not a group") }
        self.judge = [draft]
    }
}
