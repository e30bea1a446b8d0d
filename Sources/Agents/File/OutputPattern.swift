import Foundation

/// A regular expression that a person wrote, looked for in output that anybody may have written.
///
/// `(a+)+b` takes longer than a life on a line of a hundred letters, however short lines are kept: so each look has a time
/// of its own.
struct OutputPattern: Sendable, Hashable {
    struct TooSlow: Error {}

    /// Of the thread's own processor time, so that a busy machine takes no pattern away.
    static let limit: Duration = .seconds(1)
    /// Reports of the engine between two looks at the clock: it makes one after some thousand steps and for each place at
    /// which it begins to look, and most lines are done before.
    private static let reports = 64

    private let expression: NSRegularExpression

    /// Nil where the text is no regular expression.
    init?(_ text: String) {
        guard let expression = try? NSRegularExpression(pattern: text) else { return nil }
        self.expression = expression
    }

    func firstMatch(in text: String, _ range: NSRange) throws(TooSlow) -> NSTextCheckingResult? {
        var (found, count, isSlow): (NSTextCheckingResult?, Int, Bool) = (nil, 0, false)
        var begin: Duration?
        expression.enumerateMatches(
            in: text, options: [.reportProgress, .withoutAnchoringBounds], range: range
        ) { match, _, stop in
            if let match {
                found = match
                stop.pointee = true
                return
            }
            count += 1
            guard count.isMultiple(of: Self.reports) else { return }
            let now = Self.processorTime
            isSlow = now - (begin ?? now) > Self.limit
            begin = begin ?? now
            if isSlow { stop.pointee = true }
        }
        if isSlow { throw TooSlow() }
        return found
    }

    private static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
