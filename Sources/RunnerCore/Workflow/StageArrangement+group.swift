extension StageArrangement {
    /// The steps of a stage as one step, in which they run side by side; `earlier` stand before it.
    static func group(
        of steps: [StepDraft], as stage: StageDraft, after earlier: [StepDraft],
        _ diagnostics: inout WorkflowDiagnostics
    ) -> StepDraft {
        var group = StepDraft(id: stage.id, of: stage)
        let siblings = Set(steps.compactMap(\.id) + [stage.id])
        let doubtful = skippable(among: earlier)
        // A step names what it needs once.
        let counts = Dictionary(steps.flatMap(\.needs).map { ($0.id, 1) }, uniquingKeysWith: +)
        var known: Set<String> = []
        for step in steps {
            step.checkRunsBesideOthers(&diagnostics)
            for need in step.needs {
                if siblings.contains(need.id) {
                    diagnostics.add(
                        need.node,
                        "steps of the stage \"\(stage.stage.name.shortened)\" run side by side; none can need another")
                } else if doubtful.contains(need.id), counts[need.id] != steps.count {
                    diagnostics.add(
                        need.node,
                        "\"\(need.id)\" may be skipped, and then the whole stage would be: let all steps of the stage "
                            + "need it, or say if: steps.\(need.id).status == 'succeeded'")
                } else if known.insert(need.id).inserted {
                    group.needs.append(need)
                }
            }
        }
        // What stands before the stage is waited for by the stage.
        group.group = GroupDraft(sideBySide: steps.map(\.needingNothing))
        return group
    }

    /// Steps that may be skipped although nothing fails.
    private static func skippable(among steps: [StepDraft]) -> Set<String> {
        var found: Set<String> = []
        for index in StepOrder(steps.map { (id: $0.id ?? "", needs: $0.needs.map(\.id)) }).indices {
            let step = steps[index]
            // One that runs in any case is never skipped while the run goes on.
            let isConditional = step.condition.map { $0.value.text != "always()" } ?? false
            if let id = step.id, isConditional || step.needs.contains(where: { found.contains($0.id) }) {
                found.insert(id)
            }
        }
        return found
    }
}

extension GroupDraft {
    fileprivate init(sideBySide drafts: [StepDraft]) {
        body = GroupBody(kind: .parallel, steps: [], width: GroupBody.mostItems)
        self.drafts = drafts
    }
}

extension StepDraft {
    /// A step that a stage stands for, without anything to do yet.
    init(id: String, of stage: StageDraft) {
        node = stage.node
        self.id = id
        self.stage = stage.stage.name
    }

    /// The steps right inside it.
    var inner: [StepDraft] { (group?.drafts ?? []) + (group?.judge ?? []) }

    fileprivate var needingNothing: StepDraft {
        var step = self
        step.needs = []
        return step
    }

    var asksPerson: Bool {
        if case .approval = body { true } else { false }
    }
}
