/// The steps of a file in the stages that it lists, with what the stages stand for: groups and decisions.
struct StageArrangement {
    private let stages: [StageDraft]
    /// In file order; as they came when the steps do not fit the stages.
    private(set) var drafts: [StepDraft]
    /// Steps that run side by side, with the step that their stage has become.
    private(set) var members: [String: String] = [:]
    /// False where the steps do not fit the stages; an error was noted then.
    private(set) var isArranged = false

    /// `drafts` have their ids; `stages` have names that differ.
    init(_ drafts: [StepDraft], in stages: [StageDraft], _ diagnostics: inout WorkflowDiagnostics) {
        self.drafts = drafts
        self.stages = stages
        guard let places = places(&diagnostics) else { return }
        var steps: [[StepDraft]] = stages.map { _ in [] }
        for (draft, place) in zip(drafts, places) { steps[place].append(draft) }
        let ids = checkIDs(steps, &diagnostics)
        checkNeeds(steps, ids, &diagnostics)
        var arranged: [StepDraft] = []
        for (index, stage) in stages.enumerated() {
            var own = steps[index]
            if StageArrangement.isSideBySide(stage, own) {
                for id in own.compactMap(\.id) { members[id] = stage.id }
                own = [StageArrangement.group(of: own, as: stage, after: arranged, &diagnostics)]
            }
            for index in own.indices where !stage.stage.required && !own[index].asksPerson {
                own[index].continueOnError = true
            }
            arranged += own
            if stage.stage.transition == .manual, index + 1 < stages.count {
                arranged.append(StageArrangement.gate(after: stage, before: stages[index + 1]))
            }
        }
        self.drafts = arranged
        isArranged = true
    }

    /// The stage of each step, by position; nil when one has none or they do not follow each other.
    private func places(_ diagnostics: inout WorkflowDiagnostics) -> [Int]? {
        let names = stages.map(\.stage.name)
        var places: [Int] = []
        var last = 0
        for draft in drafts {
            guard let name = draft.stage else {
                if draft.stageNode == nil {
                    diagnostics.add(
                        draft.node, "the step needs a \"stage\", one of \(names.joined(separator: ", "))")
                }
                continue
            }
            for inner in StepDraft.flattened(draft.inner) where inner.stage != nil && inner.stage != name {
                diagnostics.add(
                    inner.stageNode ?? inner.node,
                    "a step of a group is in the stage of the group, \"\(name.shortened)\"")
            }
            guard let place = names.firstIndex(of: name) else {
                let near = Suggestion.closest(to: name, among: names)
                diagnostics.add(
                    draft.stageNode ?? draft.node,
                    "there is no stage \"\(name.shortened)\", "
                        + (near.map { "did you mean \"\($0)\"?" } ?? "there are \(names.joined(separator: ", "))"))
                continue
            }
            if place < last {
                diagnostics.add(
                    draft.stageNode ?? draft.node,
                    "a step of the stage \"\(name.shortened)\" cannot follow one of \"\(names[last].shortened)\"; "
                        + "put the steps in the order of the stages")
            }
            last = max(last, place)
            places.append(place)
        }
        guard places.count == drafts.count else { return nil }
        let filled = Set(places)
        for (index, stage) in stages.enumerated() where !filled.contains(index) {
            diagnostics.add(stage.node, "no step is in the stage \"\(names[index].shortened)\"")
        }
        return zip(places, places.dropFirst()).allSatisfy(<=) ? places : nil
    }

    /// One step has nothing to run beside.
    private static func isSideBySide(_ stage: StageDraft, _ steps: [StepDraft]) -> Bool {
        stage.stage.parallel && steps.count > 1
    }

    /// Ids at the top with their places: twice that of the stage, and one more for what follows it.
    private func checkIDs(
        _ steps: [[StepDraft]], _ diagnostics: inout WorkflowDiagnostics
    ) -> [String: Int] {
        var lines: [String: Int] = [:]
        var ids: [String: Int] = [:]
        let hasFork = StepDraft.flattened(drafts).contains { $0.group?.body.kind == .fork }
        for draft in StepDraft.flattened(drafts) { if let id = draft.id { lines[id] = draft.node.line } }
        for (index, own) in steps.enumerated() { for id in own.compactMap(\.id) { ids[id] = 2 * index } }
        for (index, stage) in stages.enumerated() {
            var made: [(id: String, place: Int)] = []
            if StageArrangement.isSideBySide(stage, steps[index]) { made.append((stage.id, 2 * index)) }
            if stage.stage.transition == .manual { made.append((stage.gateID, 2 * index + 1)) }
            for (id, place) in made {
                ids[id] = place
                if hasFork, GroupTask(rawValue: id) != nil {
                    diagnostics.add(
                        stage.node,
                        "\"\(id)\" is what the runner calls a step of its own here; rename the stage")
                }
                guard let line = lines.updateValue(stage.node.line, forKey: id) else { continue }
                diagnostics.add(
                    stage.node,
                    "the stage \"\(stage.stage.name.shortened)\" makes a step \"\(id)\", but that id is already used "
                        + "in line \(line); rename one of them")
            }
        }
        return ids
    }

    /// No step may need one of a later stage, nor the decision that follows its own.
    private func checkNeeds(
        _ steps: [[StepDraft]], _ ids: [String: Int], _ diagnostics: inout WorkflowDiagnostics
    ) {
        for (index, own) in steps.enumerated() {
            for need in own.flatMap(\.needs) where ids[need.id] ?? 0 > 2 * index {
                diagnostics.add(
                    need.node,
                    "\"\(need.id)\" comes after the stage \"\(stages[index].stage.name.shortened)\"; "
                        + "a step needs those of its own stage or of earlier ones")
            }
        }
    }

    private static func gate(after stage: StageDraft, before next: StageDraft) -> StepDraft {
        var gate = StepDraft(id: stage.gateID, of: stage)
        let (done, following) = (stage.stage.name, next.stage.name)
        gate.body = .approval(ApprovalBody(message: "Stage \"\(done)\" is done. Go on with \"\(following)\"?"))
        return gate
    }
}
