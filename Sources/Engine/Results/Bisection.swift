/// Which step of a run broke something, and what was tried to find out.
package struct Bisection: Sendable, Hashable, Encodable {
    package struct Trial: Sendable, Hashable, Encodable {
        package enum Verdict: String, Sendable, Encodable {
            case good, bad
            /// The command said with status 125 that it cannot tell.
            case skipped
        }

        /// The step whose end was tried; nil for the base, before the first step.
        package let step: String?
        package let attempt: Int?
        package let commit: String
        package let verdict: Verdict
        package let exitCode: Int
    }

    package let task: Int
    /// In the order in which they were made.
    package let trials: [Trial]
    /// The first end of a step at which the command fails; nil when it succeeds at the last.
    package let firstBad: Trial?
    /// Steps that could have done it too, because the command could not tell at their ends.
    package let suspects: [String]
}
