extension RunState {
    /// What a retry does to the steps of an ended run.
    package struct Restart: Sendable, Hashable {
        /// The run with the reset steps pending; attempts go on counting.
        package let state: RunState
        /// In execution order; the first is where the run goes on.
        package let reset: [String]
        /// Steps that keep their result, in execution order.
        package let kept: [String]
        /// Groups among the reset ones that begin at their first turn; the others go on where they stopped.
        package let anew: [String]
    }

    /// Resets `key` and every later step to pending; without `key`, from the first step that has no good end.
    ///
    /// A group that is named begins anew. One that failed goes on with those of its steps that have no good end, but for
    /// a loop whose rounds are used up.
    package func restarting(from key: String? = nil) throws(RestartError) -> Restart {
        let top = steps.indices.filter { steps[$0].parent == nil }
        let firstBad = top.first { !steps[$0].hasGoodEnd }
        var start = steps.startIndex
        if let key {
            guard let index = index(of: key) else {
                throw .unknownStep(key, suggestion: Suggestion.closest(to: key, among: steps.map(\.key)))
            }
            if steps[index].parent != nil { throw .insideGroup(key, group: StepPath(key).components[0].id) }
            if let firstBad, firstBad < index { throw .earlierStepHasNotSucceeded(steps[firstBad].key, before: key) }
            start = index
        } else {
            guard let firstBad else { throw .nothingFailed }
            start = firstBad
        }
        var restarted = self
        restarted.isCancelled = false
        var (reset, anew): (Set<String>, Set<String>) = ([], [])
        for index in top where index >= start {
            restarted.reset(at: index, goesOn: key == nil && index == start, &reset, &anew)
        }
        return restart(restarted, reset, anew)
    }

    /// Resets the steps of an ended or waiting run from `key` to `last`, both at the same level; an approval sends back
    /// so. Nil when they do not follow each other.
    package func reworking(from key: String, to last: String) -> Restart? {
        guard let from = index(of: key), let to = index(of: last), from < to,
            steps[from].scope == steps[to].scope, steps[from].parent == steps[to].parent
        else { return nil }
        var restarted = self
        var (reset, anew): (Set<String>, Set<String>) = ([], [])
        for index in from...to
        where steps[index].scope == steps[from].scope && steps[index].parent == steps[from].parent {
            restarted.reset(at: index, goesOn: false, &reset, &anew)
        }
        return restart(restarted, reset, anew)
    }

    private func restart(_ restarted: RunState, _ reset: Set<String>, _ anew: Set<String>) -> Restart {
        let keys = steps.map(\.key)
        return Restart(
            state: restarted, reset: keys.filter(reset.contains),
            kept: keys.filter { !reset.contains($0) && !isInside($0, anew) }, anew: keys.filter(anew.contains))
    }

    private func isInside(_ key: String, _ groups: Set<String>) -> Bool {
        var path = StepPath(key).parent
        while let parent = path {
            if groups.contains(parent.text) { return true }
            path = parent.parent
        }
        return false
    }

    private mutating func reset(
        at index: Int, goesOn: Bool, _ reset: inout Set<String>, _ anew: inout Set<String>
    ) {
        let (step, attempts) = (steps[index], steps[index].attempts)
        reset.insert(step.key)
        steps[index] = StepState(key: step.key, attempts: attempts, uncounted: attempts)
        guard let group = workflow.step(step.key)?.group else { return }
        guard goesOn, step.turn > 0, !isUsedUp(step, group) else {
            anew.insert(step.key)
            return
        }
        steps[index].turn = step.turn
        let present = children(of: step.key).filter { group.isPresent(steps[$0].ownTurn, of: step.turn) }
        if group.kind == .fork { return resetFork(present, &reset, &anew) }
        var broken: Set<String> = []
        let isInOrder = group.width == 1 && (group.failFast || !group.isNumbered || group.kind == .loop)
        for child in present {
            let scope = isInOrder ? "" : steps[child].scope
            guard broken.contains(scope) || !steps[child].hasGoodEnd else { continue }
            let isFirst = group.width > 1 || broken.insert(scope).inserted
            self.reset(at: child, goesOn: isFirst, &reset, &anew)
        }
    }

    /// Candidates that failed try again; what follows them begins where it broke, and a judge is asked anew when nothing
    /// could be made of what it said.
    private mutating func resetFork(_ present: [Int], _ reset: inout Set<String>, _ anew: inout Set<String>) {
        let turns = present.filter { steps[$0].isTurn }
        let epilogue = present.filter { !steps[$0].isTurn }
        let broken = turns.filter { !steps[$0].hasGoodEnd }
        let first = epilogue.firstIndex { !steps[$0].hasGoodEnd }
        var start = broken.isEmpty ? first ?? epilogue.endIndex : epilogue.startIndex
        if broken.isEmpty, start == epilogue.endIndex - 1, start > epilogue.startIndex { start -= 1 }
        for child in broken + epilogue[start...] { self.reset(at: child, goesOn: false, &reset, &anew) }
    }

    /// A loop that ended because its check never held.
    private func isUsedUp(_ step: StepState, _ group: GroupBody) -> Bool {
        guard group.kind == .loop, step.turn >= group.limit else { return false }
        return children(of: step.key).allSatisfy { index in
            guard group.isPresent(steps[index].ownTurn, of: step.turn) else { return true }
            if case .script = workflow.step(steps[index].key)?.body { return steps[index].status != .cancelled }
            return steps[index].hasGoodEnd
        }
    }
}

extension StepState {
    var hasGoodEnd: Bool { status == .succeeded || status == .skipped }
}
