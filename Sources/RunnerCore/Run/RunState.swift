/// A run as values: its workflow and where each step stands.
package struct RunState: Sendable, Hashable {
    package let workflow: WorkflowDefinition
    /// Where the steps that the run comes to have belong.
    package let layout: StepLayout
    /// Whether any of its steps is a group.
    let hasGroups: Bool
    /// In execution order; a group comes before its steps.
    package internal(set) var steps: [StepState]
    /// An attempt was cancelled or `cancelRun` was called.
    package internal(set) var isCancelled: Bool

    /// A run that has not begun.
    package init(workflow: WorkflowDefinition) {
        self.workflow = workflow
        layout = StepLayout(workflow)
        hasGroups = workflow.steps.contains { $0.group != nil }
        steps = workflow.executionOrder.map { StepState(key: $0.id) }
        isCancelled = false
    }

    /// A run as it was recorded. Steps are matched by key; those at the top that are missing are pending, those that
    /// the workflow does not know are left out.
    package init(workflow: WorkflowDefinition, steps recorded: [StepState], isCancelled: Bool = false) {
        let byKey = Dictionary(recorded.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        let layout = StepLayout(workflow)
        let nested = recorded.filter { $0.parent != nil && layout.position(of: $0.key) != nil }
        self.workflow = workflow
        self.layout = layout
        hasGroups = workflow.steps.contains { $0.group != nil }
        steps = workflow.executionOrder.map { byKey[$0.id] ?? StepState(key: $0.id) }
        self.isCancelled = isCancelled
        nested.forEach { insert($0) }
    }

    package func step(_ key: String) -> StepState? {
        steps.first { $0.key == key }
    }

    func index(of key: String) -> Int? {
        steps.firstIndex { $0.key == key }
    }

    /// Ends a gate as a person, or the time, decided.
    package mutating func closeGate(_ key: String, passed: Bool, error: String?) -> Decision.StepChange {
        guard let index = index(of: key) else { return Decision.StepChange(key: key, status: .failed, error: error) }
        steps[index].outcome = passed ? .succeeded : .failed
        let accepts = workflow.step(key)?.continueOnError ?? false
        steps[index].status = passed || accepts ? .succeeded : .failed
        steps[index].error = error
        return change(at: index)
    }

    /// Where its place is among the others.
    mutating func insert(_ step: StepState) {
        guard let position = layout.position(of: step.key) else { return }
        var (low, high) = (0, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if layout.position(of: steps[middle].key) ?? 0 < position { low = middle + 1 } else { high = middle }
        }
        steps.insert(step, at: low)
    }

    /// Every step of the group that exists, in execution order; those in groups inside it too.
    func descendants(of key: String) -> [Int] {
        guard let start = index(of: key) else { return [] }
        return steps.indices[(start + 1)...].prefix {
            steps[$0].key.hasPrefix(key) && ["/", "#"].contains(steps[$0].key.dropFirst(key.count).first)
        }.map { $0 }
    }

    /// The steps right below the group, in execution order.
    func children(of key: String) -> [Int] {
        descendants(of: key).filter { steps[$0].parent == key }
    }

    /// The same as values.
    package func children(named key: String) -> [StepState] {
        children(of: key).map { steps[$0] }
    }

    /// What the status functions say for the step at `index`: its siblings count, and what stands around them does not.
    func statusValues(at index: Int, needs: [String]) -> StatusValues {
        let (scope, parent) = (steps[index].scope, steps[index].parent)
        let isBeside = parent != nil && workflow.runsBesideOthers(steps[index].key)
        let failure =
            !isBeside
            && steps[..<index].contains { $0.status == .failed && $0.parent == parent && $0.scope == scope }
        let needed = Set(needs)
        let isMet = needed.isEmpty || steps.allSatisfy { !needed.contains($0.key) || $0.status == .succeeded }
        return StatusValues(
            success: !failure && isMet && !isCancelled, failure: failure, cancelled: isCancelled, steps: steps,
            run: self)
    }
}
