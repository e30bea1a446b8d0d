package import Foundation

extension RunState {
    /// A run as its rows tell it, for whoever goes on with it.
    ///
    /// `waitsUntil` is when its waiting step is tried again.
    package init(
        workflow: WorkflowDefinition, steps: [StepRecord], attempts: [AttemptRecord], waitsUntil: Date? = nil
    ) {
        let tries = Dictionary(grouping: attempts, by: \.stepID)
        let states = steps.map { StepState($0, tries[$0.id] ?? [], waitsUntil: waitsUntil) }
        self.init(
            workflow: workflow, steps: states,
            isCancelled: states.contains { $0.status == .cancelled && $0.parent == nil })
        for index in self.steps.indices where self.steps[index].turn > 0 { recallOutcome(at: index) }
    }

    /// How a group ended before `continue-on-error` is told by its steps.
    private mutating func recallOutcome(at index: Int) {
        let step = steps[index]
        guard step.status == .succeeded || step.status == .failed, let group = workflow.step(step.key)?.group else {
            return
        }
        let mayHide = workflow.step(step.key)?.continueOnError ?? false
        let children = children(of: step.key)
        let failed =
            mayHide
            && (hidesFailure(children, of: group)
                || children.contains { child in
                    steps[child].status == .failed
                        && (group.kind != .loop || steps[child].ownTurn == step.turn)
                })
        steps[index].outcome = failed || step.status == .failed ? .failed : .succeeded
    }
}

extension StepState {
    /// Where a step stands by its row and those of its attempts, in whatever order.
    init(_ step: StepRecord, _ attempts: [AttemptRecord], waitsUntil: Date?) {
        let tries = attempts.sorted { $0.number < $1.number }
        let counted = tries.filter { $0.number > step.earlierAttempts }
        let ended = counted.filter { $0.status != .running }
        let last = tries.last { $0.status != .running }
        let finished = ended.filter { $0.status != .interrupted }
        let limits = StepState.waits(in: finished)
        let interruptions = ended.reversed().prefix { $0.status == .interrupted }.count
        let isGivenUp = interruptions >= RunState.interruptionLimit && step.status.isTerminal
        self.init(
            key: step.key, status: step.status, attempts: tries.count,
            uncounted: tries.count - counted.count + ended.count { $0.status == .interrupted || $0.isOutOfBudget }
                + limits.all + zip(counted, counted.dropFirst()).count { $0.passedOn(to: $1) },
            interruptions: interruptions,
            limits: limits.row, outcome: last?.status, retryAt: step.status == .waiting ? waitsUntil : nil,
            error: isGivenUp ? RunState.interruptedTooOften(last?.error) : last?.error, turn: step.turn)
    }

    /// Attempts after which a limit's end was waited for, but for those beyond the maximum; `row` is of the last ones.
    private static func waits(in finished: [AttemptRecord]) -> (all: Int, row: Int) {
        var (all, row) = (0, 0)
        for attempt in finished {
            row = attempt.isLimitWithEnd && row < RunState.limitWaits ? row + 1 : 0
            if row > 0 { all += 1 }
        }
        return (all, row)
    }
}

extension AttemptRecord {
    fileprivate var isOutOfBudget: Bool { status == .failed && failureClass == .budget }

    /// Whether an agent that was further back in the step's list took over, so that the attempt used up no try.
    fileprivate func passedOn(to next: AttemptRecord) -> Bool {
        guard status == .failed, AgentTrouble(failureClass) != nil, !isLimitWithEnd else { return false }
        return next.fallbackIndex > fallbackIndex
    }

    fileprivate var isLimitWithEnd: Bool { status == .failed && failureClass == .limit && retryAt != nil }
}
