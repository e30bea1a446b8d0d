import Foundation
import Testing

@testable import Agents

@Suite("When other agents say that a limit ends")
struct LimitResetTests {
    /// Sunday, 15 November 2026, 14:00 UTC.
    private static let now = date("2026-11-15T14:00:00Z")

    private static func date(_ text: String) -> Date {
        (try? Date.ISO8601FormatStyle().parse(text)) ?? .distantPast
    }

    private static func moment(_ text: String, _ timeZone: TimeZone = .gmt) -> Date? {
        LimitReset.moment(in: text, at: now, timeZone: timeZone)
    }

    @Test(
        "a delay counts from when the text was read",
        arguments: [
            ("Rate limit reached. Please try again in 1s.", 1.0),
            ("Please try again in 6m0s. Visit the console", 360),
            ("Please try again in 7m29.203999999s.", 449.203999999),
            ("Please try again in 250ms", 0.25),
            ("your quota will reset after 18h31m10s.", 66_670),
            ("try again in 3 days, 4 hours and 5 minutes", 273_900),
            ("Please try\n           again in\n 30s", 30),
            ("Retry-After: 20", 20),
            ("Please try again after 5 minutes", 300),
            ("{\"error\":\"slow down\",\"retry_after\":12.5}", 12.5),
            ("retry-after=30", 30),
            ("please wait 90 seconds before the next request", 90),
        ])
    func delays(_ text: String, _ seconds: Double) throws {
        let moment = try #require(Self.moment(text))
        #expect(abs(moment.timeIntervalSince(Self.now) - seconds) < 1e-6)
    }

    @Test(
        "a clock time is over with its minute, a time stamp is exact",
        arguments: [
            ("You've hit your usage limit. Try again at 3:05 PM.", "2026-11-15T15:06:00Z"),
            ("or try again at 2:00 PM.", "2026-11-15T14:01:00Z"),
            ("or try again at 1:50 PM.", "2026-11-15T13:51:00Z"),
            ("or try again at 12:10 AM.", "2026-11-16T00:11:00Z"),
            ("or try again at 23:15", "2026-11-15T23:16:00Z"),
            ("or try again at Nov 21st, 2026 9:07 AM.", "2026-11-21T09:08:00Z"),
            ("or try again at Dec 2nd, 2026 12:00 AM.", "2026-12-02T00:01:00Z"),
            ("try again at Nov 20, 11:30 PM", "2026-11-20T23:31:00Z"),
            ("quota resets at 2026-11-15T15:45:30Z", "2026-11-15T15:45:30Z"),
            ("try again after 2026-11-15T15:45:30.123+01:00", "2026-11-15T14:45:30Z"),
            ("available again at 2026-11-16 08:00", "2026-11-16T08:00:00Z"),
            ("retry after 2026-11-16 08:00", "2026-11-16T08:00:00Z"),
            ("{\"reset_at\":\"2026-11-16T08:00:00Z\"}", "2026-11-16T08:00:00Z"),
            ("x-ratelimit-reset: 1794758400", "2026-11-15T16:00:00Z"),
            ("{\"resets_at\": 1794758400000}", "2026-11-15T16:00:00Z"),
            ("quota exceeded, resets 3pm (Asia/Dhaka)", "2026-11-16T09:00:00Z"),
            ("rate limit: resets at 15:00 UTC", "2026-11-15T15:00:00Z"),
            ("resets at 7:30 AM PST", "2026-11-15T15:30:00Z"),
            ("quota resets Mon 9:00am", "2026-11-16T09:00:00Z"),
            ("resets Nov 18, 5pm", "2026-11-18T17:00:00Z"),
        ])
    func clocks(_ text: String, _ expected: String) {
        #expect(Self.moment(text) == Self.date(expected), "\(text)")
    }

    @Test("what has no zone of its own is read in the host's")
    func hostZone() throws {
        let tokyo = try #require(TimeZone(identifier: "Asia/Tokyo"))
        #expect(Self.moment("try again at Nov 16th, 2026 3:00 AM.", tokyo) == Self.date("2026-11-15T18:01:00Z"))
        #expect(Self.moment("resets at 2026-11-16T03:00:00", tokyo) == Self.date("2026-11-15T18:00:00Z"))
        #expect(Self.moment("resets 3am", tokyo) == Self.date("2026-11-15T18:00:00Z"))
        #expect(Self.moment("resets 3am and then goes on", tokyo) == Self.date("2026-11-15T18:00:00Z"))
        #expect(Self.moment("resets 3am UTC", tokyo) == Self.date("2026-11-16T03:00:00Z"))
    }

    @Test(
        "no moment is read from other texts, or one that no limit can have",
        arguments: [
            "", "Please try again later.", "try again at 99:99", "try again at 13:00 PM", "try again in no time",
            "try again at Feb 31st, 2027 3:00 PM", "try again at Nov 21st, 2031 9:07 AM",
            "resets at 2026-13-41T99:00:00Z", "try again in 9999999 days", "it started at 2026-11-15T15:45:30Z",
            "wait a moment", "resets 12 counters", "the build resets at the end", "reset: 17947",
            "await 5 minutes of rest",
            // Digits of other scripts.
            "resets at ٢٠٢٦-١١-٢٩ ١٢:٣٠", "try again at ٣:٠٥ PM", "resets_at: ١٧٩٤٧٥٨٤٠٠", "resets Nov ١٨, 5pm",
            "try again at Nov ٢١st, 2026 9:07 AM",
        ])
    func none(_ text: String) {
        #expect(Self.moment(text) == nil, "\(text)")
    }
}
