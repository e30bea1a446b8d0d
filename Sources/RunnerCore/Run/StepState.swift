package import Foundation

/// Where one step of a run stands, as `advance` needs to know it.
package struct StepState: Sendable, Hashable, Codable {
    package var key: String
    /// Final once the step has ended; `continue-on-error` makes it `succeeded`.
    package var status: StepStatus
    /// Attempts that were started, in all.
    package var attempts: Int
    /// Attempts that do not count against `max-attempts`: those before a restart, and interrupted ones.
    package var uncounted: Int
    /// Attempts since the last restart whose worker went away.
    package var interruptions: Int
    /// How the last attempt ended, before `continue-on-error`; nil before the first ended, and when skipped.
    package var outcome: AttemptStatus?
    /// When a waiting step is tried again.
    package var retryAt: Date?
    package var error: String?

    package init(
        key: String, status: StepStatus = .pending, attempts: Int = 0, uncounted: Int = 0, interruptions: Int = 0,
        outcome: AttemptStatus? = nil, retryAt: Date? = nil, error: String? = nil
    ) {
        self.key = key
        self.status = status
        self.attempts = attempts
        self.uncounted = uncounted
        self.interruptions = interruptions
        self.outcome = outcome
        self.retryAt = retryAt
        self.error = error
    }

    /// What templates call `outcome`: the status before `continue-on-error`.
    package var outcomeStatus: StepStatus {
        switch outcome {
        case .failed, .timedOut, .interrupted: status.isTerminal ? .failed : status
        case .succeeded, .cancelled, .running, nil: status
        }
    }
}
