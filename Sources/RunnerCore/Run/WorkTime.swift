package import Foundation

/// How long a run has been at work: what ran side by side counts once, and waits count for nothing.
package struct WorkTime: Sendable, Hashable {
    private struct Span: Sendable, Hashable {
        let start: Date
        var end: Date?
    }

    private var spans: [AttemptID: Span] = [:]

    package init() {}

    /// The same for attempts as they are recorded, those before `start` left out.
    package init(_ attempts: [AttemptRecord], since start: Date) {
        for attempt in attempts where attempt.startedAt >= start {
            spans[attempt.id] = Span(start: attempt.startedAt, end: attempt.finishedAt)
        }
    }

    package mutating func begin(_ attempt: AttemptID, at start: Date) {
        spans[attempt] = Span(start: start, end: nil)
    }

    /// An attempt that was never begun here is none.
    package mutating func end(_ attempt: AttemptID, at end: Date) {
        spans[attempt]?.end = end
    }

    /// All until `moment`; what goes on then counts up to it.
    package func total(until moment: Date) -> Duration {
        var total = 0.0
        var covered = Date.distantPast
        for span in spans.values.sorted(by: { $0.start < $1.start }) {
            let start = max(span.start, covered)
            // A clock that was put back makes no work undone.
            let end = min(span.end ?? moment, moment)
            guard end > start else { continue }
            total += end.timeIntervalSince(start)
            covered = end
        }
        return .seconds(total)
    }
}
