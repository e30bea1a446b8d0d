/// How long a whole run may be at work, and what is left of that when one of its steps begins.
package struct RunLimit: Sendable, Hashable {
    package let limit: Duration
    package let left: Duration

    package init(limit: Duration, left: Duration) {
        self.limit = limit
        self.left = left
    }

    /// Why nothing begins, or goes on, behind the limit.
    package var sentence: String {
        "the run has worked for \(DurationText.format(limit)), the time limit of its workflow; "
            + "runner retry gives it as much again"
    }
}
