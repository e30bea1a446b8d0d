package import Foundation

extension RunState {
    /// Puts off the attempt that `decision` starts: the step waits, and nothing of the attempt is counted.
    ///
    /// A decision that starts nothing comes back as it is.
    package mutating func postpone(_ decision: Decision, by delay: Duration, at now: Date) -> Decision {
        guard case .start(let key, let attempt) = decision.next,
            let index = steps.firstIndex(where: { $0.key == key })
        else { return decision }
        steps[index].status = .waiting
        steps[index].attempts = attempt - 1
        steps[index].retryAt = now.addingTimeInterval(delay.inSeconds)
        var changes = decision.stepChanges.filter { $0.key != key }
        changes.append(Decision.StepChange(key: key, status: .waiting))
        return Decision(stepChanges: changes, next: .retry(stepKey: key, attempt: attempt, after: delay))
    }
}
