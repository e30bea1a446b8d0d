/// How groups begin, go on and end.
extension RunState {
    /// What a decision has gathered so far.
    struct Draft {
        var changes: [Decision.StepChange] = []
        var newSteps: [String] = []
        var reopened: [String] = []

        /// A step's last change counts.
        mutating func note(_ change: Decision.StepChange) {
            changes.removeAll { $0.key == change.key }
            changes.append(change)
        }

        func decision(_ next: Decision.Next) -> Decision {
            Decision(stepChanges: changes, next: next, newSteps: newSteps, reopened: reopened)
        }
    }

    /// Begins the group at `index`: its first round, or all its turns. One that was begun before goes on where it was.
    mutating func open(
        _ group: GroupBody, at index: Int, _ draft: inout Draft,
        count: (WorkflowStep, StatusValues) throws -> Int
    ) {
        let key = steps[index].key
        steps[index].status = .running
        if steps[index].turn == 0 {
            do {
                let turns = try turns(of: group, at: index, count)
                steps[index].turn = turns
                for turn in 0..<turns { open(group, key, turn: turn + 1, &draft) }
            } catch {
                steps[index].status = .failed
                steps[index].error = "\(error)"
            }
        }
        note(key, &draft)
    }

    private func turns(
        of group: GroupBody, at index: Int, _ count: (WorkflowStep, StatusValues) throws -> Int
    ) throws -> Int {
        switch group.kind {
        case .loop, .parallel, .workflow: return 1
        case .fork: return group.limit
        case .matrix: return group.combinations.count
        case .foreach:
            guard group.items != nil, let step = workflow.step(steps[index].key) else { return group.list.count }
            let turns = try count(step, statusValues(at: index, needs: step.needs))
            guard turns <= group.limit else { throw GroupError.tooManyItems(turns, limit: group.limit) }
            return turns
        }
    }

    /// Makes the steps of one turn, or takes those that are there from an earlier time as if they had never run.
    private mutating func open(_ group: GroupBody, _ key: String, turn: Int, _ draft: inout Draft) {
        let ids = group.kind == .matrix || group.kind == .fork ? [nil] : group.executionOrder.map { Optional($0.id) }
        var children = ids.map { StepPath.key(in: key, turn: group.isNumbered ? turn : nil, id: $0) }
        if group.kind == .fork, turn == group.limit {
            children += group.epilogue.map { StepPath.key(in: key, turn: nil, id: $0.id) }
        }
        for child in children {
            guard let known = index(of: child) else {
                insert(StepState(key: child))
                draft.newSteps.append(child)
                continue
            }
            if steps[known].status != .pending || steps[known].turn > 0 { reopen(at: known, &draft) }
        }
    }

    mutating func reopen(at index: Int, _ draft: inout Draft) {
        let attempts = steps[index].attempts
        steps[index] = StepState(key: steps[index].key, attempts: attempts, uncounted: attempts)
        draft.reopened.append(steps[index].key)
        note(steps[index].key, &draft)
    }

    /// Ends the innermost group whose steps have all ended, or begins its next round; false when there is none.
    mutating func settle(
        _ draft: inout Draft, evaluate: (WorkflowStep, StatusValues) throws -> Bool
    ) -> Bool {
        for index in steps.indices.reversed() where steps[index].status == .running {
            let key = steps[index].key
            guard let step = workflow.step(key), let group = step.group else { continue }
            let present = children(of: key).filter { group.isPresent(steps[$0].ownTurn, of: steps[index].turn) }
            if group.failFast, group.kind == .foreach || group.kind == .matrix { skipRest(of: present, &draft) }
            guard present.allSatisfy({ steps[$0].status.isTerminal }) else { continue }
            end(step, group, at: index, present, &draft, evaluate)
            return true
        }
        return false
    }

    private mutating func skipRest(of children: [Int], _ draft: inout Draft) {
        guard children.contains(where: { steps[$0].status == .failed }) else { return }
        for index in children where steps[index].status == .pending {
            // Those of the turn that failed are decided on by their own conditions.
            let isOfFailed = children.contains {
                steps[$0].status == .failed && steps[$0].scope == steps[index].scope
            }
            if isOfFailed { continue }
            steps[index].status = .skipped
            note(steps[index].key, &draft)
        }
    }

    private mutating func end(
        _ step: WorkflowStep, _ group: GroupBody, at index: Int, _ children: [Int], _ draft: inout Draft,
        _ evaluate: (WorkflowStep, StatusValues) throws -> Bool
    ) {
        let key = steps[index].key
        // A candidate that fails is only one less to choose from.
        let failed = children.first {
            steps[$0].status == .failed
                && !(group.kind == .fork && !group.joins && workflow.step(steps[$0].key)?.kind == "candidate")
        }
        var error = failed.map { "step \"\(steps[$0].key)\" failed" + (steps[$0].error.map { ": \($0)" } ?? "") }
        if group.kind == .loop, !isCancelled {
            do {
                if try isGood(group, step, at: index, failed, evaluate) {
                    error = nil
                } else if !isBroken(failed), steps[index].turn < group.limit {
                    steps[index].turn += 1
                    open(group, key, turn: steps[index].turn, &draft)
                    note(key, &draft)
                    return
                } else if !isBroken(failed) {
                    let rounds = "\(group.limit) round\(group.limit == 1 ? "" : "s")"
                    error = "its check did not hold after \(rounds)" + (error.map { "; \($0)" } ?? "")
                }
            } catch let problem {
                error = "\"until\" cannot be evaluated: \(problem)"
            }
        }
        if isCancelled, children.contains(where: { steps[$0].status == .cancelled }) {
            steps[index].status = .cancelled
        } else {
            let isGood = error == nil && !hidesFailure(children, of: group)
            steps[index].outcome = isGood ? .succeeded : .failed
            steps[index].status = error == nil || step.continueOnError ? .succeeded : .failed
            steps[index].error = error
        }
        note(key, &draft)
    }

    /// Whether a combination of a matrix failed and was accepted: it has the matrix's own `continue-on-error`.
    func hidesFailure(_ children: [Int], of group: GroupBody) -> Bool {
        group.kind == .matrix
            && children.contains { steps[$0].status == .succeeded && steps[$0].outcomeStatus == .failed }
    }

    /// Whether the round that has just ended is the last, because of what it did.
    private func isGood(
        _ group: GroupBody, _ step: WorkflowStep, at index: Int, _ failed: Int?,
        _ evaluate: (WorkflowStep, StatusValues) throws -> Bool
    ) throws -> Bool {
        guard let until = group.until else { return failed == nil }
        if isBroken(failed) { return false }
        // Asked as the condition of a step that would follow in the round.
        let scope = StepPath.key(in: steps[index].key, turn: steps[index].turn, id: nil)
        let probe = WorkflowStep(id: scope + "/until", body: step.body, condition: until)
        let round = steps.filter { $0.scope == scope }
        let failure = round.contains { $0.status == .failed }
        return try evaluate(
            probe, StatusValues(success: true, failure: failure, cancelled: isCancelled, steps: steps, run: self))
    }

    /// A check that fails asks for another round; an agent that fails does not get better by it.
    private func isBroken(_ failed: Int?) -> Bool {
        guard let failed, let step = workflow.step(steps[failed].key) else { return false }
        switch step.body {
        case .script: return false
        case .group: return children(of: steps[failed].key).contains { steps[$0].status == .failed && isBroken($0) }
        case .agent, .approval, .tool, .candidate, .task: return true
        }
    }

    mutating func note(_ key: String, _ draft: inout Draft) {
        guard let index = index(of: key) else { return }
        draft.note(change(at: index))
    }
}
