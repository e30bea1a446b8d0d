import Foundation
import Testing

@testable import Agents

@Suite("Texts about Claude's usage limits")
struct ClaudeLimitTextTests {
    /// Sunday, 15 November 2026, 14:00 UTC.
    private static let now = date("2026-11-15T14:00:00Z")

    private static func date(_ text: String) -> Date {
        (try? Date.ISO8601FormatStyle().parse(text)) ?? .distantPast
    }

    struct Row: Sendable {
        let text: String
        let resetsAt: String?
    }

    static let rows = [
        Row(text: "Claude AI usage limit reached|1794758400", resetsAt: "2026-11-15T16:00:00Z"),
        Row(text: "Claude AI usage limit reached|1794758400000", resetsAt: "2026-11-15T16:00:00Z"),
        Row(text: "You've hit your limit · resets 3pm", resetsAt: "2026-11-15T15:00:00Z"),
        Row(text: "You’ve hit your limit · resets 3:45pm (UTC)", resetsAt: "2026-11-15T15:45:00Z"),
        Row(text: "You've hit your limit · resets 1:30am (Asia/Dhaka)", resetsAt: "2026-11-15T19:30:00Z"),
        Row(text: "You've hit your limit · resets 12am", resetsAt: "2026-11-16T00:00:00Z"),
        Row(text: "You've hit your limit · resets 12pm", resetsAt: "2026-11-16T12:00:00Z"),
        Row(text: "You've hit your session limit · resets 1:55pm", resetsAt: "2026-11-15T13:55:00Z"),
        Row(text: "You've hit your weekly limit · resets Nov 18, 5pm (UTC)", resetsAt: "2026-11-18T17:00:00Z"),
        Row(text: "You've hit your limit · resets Nov 16 at 4pm (America/Recife)", resetsAt: "2026-11-16T19:00:00Z"),
        Row(text: "You've hit your weekly limit · resets Mon 12:00am", resetsAt: "2026-11-16T00:00:00Z"),
        Row(text: "5-hour limit reached ∙ resets 2am", resetsAt: "2026-11-16T02:00:00Z"),
        Row(
            text: "Claude usage limit reached. Your limit will reset at 3pm (America/Bogota).",
            resetsAt: "2026-11-15T20:00:00Z"),
        Row(text: "You've hit your session limit · resets in 47 minutes", resetsAt: "2026-11-15T14:47:00Z"),
        Row(text: "You've hit your session limit · resets in 2h 5m", resetsAt: "2026-11-15T16:05:00Z"),
        Row(text: "You're out of extra usage · resets 21:30", resetsAt: "2026-11-15T21:30:00Z"),
        Row(text: "You've hit your limit", resetsAt: nil),
        Row(text: "Weekly limit reached", resetsAt: nil),
        Row(text: "You've hit your weekly limit · resets Jun 3, 5pm", resetsAt: nil),
        Row(text: "You've hit your limit · resets 99:99pm", resetsAt: nil),
        Row(text: "Claude AI usage limit reached|9999999999", resetsAt: nil),
    ]

    @Test("a limit is recognised, with its reset where it can be told", arguments: rows)
    func recognised(_ row: Row) throws {
        let limit = try #require(ClaudeLimitText(row.text, at: Self.now, timeZone: .gmt))
        #expect(limit.resetsAt == row.resetsAt.map(Self.date))
    }

    @Test(
        "other texts are not limits",
        arguments: [
            "API Error: Request rejected (429) · This request would exceed your organization's rate limit.",
            "API Error: Claude's response exceeded the 128000 output token maximum.",
            "Credit balance is too low", "Invalid API key · Fix external API key", "", "Reached maximum budget ($0.01)",
            "I raised the limit of the loop, as you asked; it resets the counter at 3pm.",
        ])
    func notALimit(_ text: String) {
        #expect(ClaudeLimitText(text, at: Self.now, timeZone: .gmt) == nil)
    }

    @Test("a clock time without a zone is read in the host's zone")
    func hostZone() throws {
        let tokyo = try #require(TimeZone(identifier: "Asia/Tokyo"))
        let limit = try #require(ClaudeLimitText("You've hit your limit · resets 3am", at: Self.now, timeZone: tokyo))
        #expect(limit.resetsAt == Self.date("2026-11-15T18:00:00Z"))
    }

    @Test(
        "a banner is recognised only as the whole text",
        arguments: [
            "Claude AI usage limit reached|1794758400", "You've hit your limit · resets 1:30am (Asia/Dhaka)",
            "You’ve hit your session limit · resets 3pm", "You've hit your weekly limit · resets Sep 24, 5pm (UTC)\n",
            "5-hour limit reached ∙ resets 3pm", "Opus weekly limit reached ∙ resets Oct 6, 9am",
        ])
    func banner(text: String) {
        #expect(ClaudeLimitText.isBanner(text))
        #expect(ClaudeLimitText(text, at: Date(timeIntervalSince1970: 1_794_700_000), timeZone: .gmt) != nil)
        #expect(!ClaudeLimitText.isBanner("The log says: " + text))
        #expect(!ClaudeLimitText.isBanner(text + "\nI made the page that says so."))
    }
}
