package import Foundation

/// Where one step of a run stands, as `advance` needs to know it.
package struct StepState: Sendable, Hashable {
    package let key: String
    /// The group that it belongs to; nil at the top.
    package let parent: String?
    /// Which turn of its group it belongs to; nil at the top, and where the group has but one.
    package let ownTurn: Int?
    /// The step's own name, without where it stands; a turn of a matrix or a fork has its whole key.
    package let id: String
    /// What its siblings' keys begin with.
    package let scope: String
    /// Of a group: its present round, or how many turns it has; 0 before it began.
    package var turn: Int
    /// Final once the step has ended; `continue-on-error` makes it `succeeded`.
    package var status: StepStatus
    /// Attempts that were started, in all.
    package var attempts: Int
    /// Attempts that do not count against `max-attempts`: those before a restart, interrupted ones, and those that a
    /// limit with a known end, or the runner's own budget, stopped.
    package var uncounted: Int
    /// Attempts in a row, up to the last, that did not come to an end of their own.
    package var interruptions: Int
    /// Attempts in a row, up to the last, that a limit with a known end stopped; interrupted ones between do not count.
    package var limits: Int
    /// How the last attempt ended, before `continue-on-error`; nil before the first ended, and when skipped.
    package var outcome: AttemptStatus?
    /// When a waiting step is tried again.
    package var retryAt: Date?
    package var error: String?

    package init(
        key: String, status: StepStatus = .pending, attempts: Int = 0, uncounted: Int = 0, interruptions: Int = 0,
        limits: Int = 0, outcome: AttemptStatus? = nil, retryAt: Date? = nil, error: String? = nil, turn: Int = 0
    ) {
        self.key = key
        let path = key.contains("/") || key.contains("#") ? StepPath(key) : nil
        parent = path?.parent?.text
        scope = path?.scope ?? ""
        ownTurn = path?.turn
        id = path.map { $0.components.last?.number == nil ? $0.id : key } ?? key
        self.turn = turn
        self.status = status
        self.attempts = attempts
        self.uncounted = uncounted
        self.interruptions = interruptions
        self.limits = limits
        self.outcome = outcome
        self.retryAt = retryAt
        self.error = error
    }

    /// A turn of a matrix or a fork: a step whose own name has a number.
    package var isTurn: Bool { ownTurn != nil && id == key }

    /// What templates call `outcome`: the status before `continue-on-error`.
    package var outcomeStatus: StepStatus {
        switch outcome {
        case .failed, .timedOut, .interrupted: status.isTerminal ? .failed : status
        case .succeeded, .cancelled, .running, nil: status
        }
    }
}
