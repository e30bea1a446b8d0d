package import Foundation

extension RunState {
    /// Puts off the attempt that `decision` starts: the step waits, and nothing of the attempt is counted.
    ///
    /// With nil until somebody lets it go on. A step that is held already gets the time. A decision that starts and holds
    /// nothing comes back as it is.
    package mutating func postpone(_ decision: Decision, by delay: Duration?, at now: Date) -> Decision {
        let (key, attempts): (String, Int)
        switch decision.next {
        case .start(let started, let attempt): (key, attempts) = (started, attempt - 1)
        case .hold(let held): (key, attempts) = (held, step(held)?.attempts ?? 0)
        case .retry, .approval, .fork, .wait, .finish: return decision
        }
        guard let index = index(of: key) else { return decision }
        steps[index].status = .waiting
        steps[index].attempts = attempts
        steps[index].retryAt = delay.map { now.addingTimeInterval($0.inSeconds) } ?? .distantFuture
        var changes = decision.stepChanges.filter { $0.key != key }
        changes.append(Decision.StepChange(key: key, status: .waiting))
        let next: Decision.Next =
            delay.map { .retry(stepKey: key, attempt: attempts + 1, after: $0) } ?? .hold(stepKey: key)
        // Whoever waits must not miss what is due earlier.
        return Decision(stepChanges: changes, next: next, newSteps: decision.newSteps, reopened: decision.reopened)
    }
}
