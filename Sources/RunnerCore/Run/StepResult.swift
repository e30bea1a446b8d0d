package import Foundation

/// How an attempt ended, as far as it decides what comes next.
package struct StepResult: Sendable, Hashable {
    package var stepKey: String
    /// Never `running`.
    package var status: AttemptStatus
    /// Nil: an ordinary failure, such as a script's exit status.
    package var failureClass: FailureClass?
    /// When a limit ends, as far as the service said.
    package var retryAt: Date?
    /// What went wrong, for people.
    package var error: String?
    /// Another agent of the step takes over, or one that was at a limit can work again: no try is used up by this one.
    package var passesOn = false

    package init(
        stepKey: String, status: AttemptStatus, failureClass: FailureClass? = nil, retryAt: Date? = nil,
        error: String? = nil
    ) {
        self.stepKey = stepKey
        self.status = status
        self.failureClass = failureClass
        self.retryAt = retryAt
        self.error = error
    }

    /// A limit that will be over at a known time: worth waiting for, whatever `max-attempts` says.
    var isLimitWithEnd: Bool { failureClass == .limit && retryAt != nil }
}
