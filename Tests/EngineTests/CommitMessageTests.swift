import Git
import Testing

@testable import Engine

@Suite struct CommitMessageTests {
    private static let trailers = [("Runner-Task", "7"), ("Runner-Step", "plan")]

    @Test("the subject is one line of at most 72 characters, whatever it was made of")
    func subject() {
        let subjects = [
            "plan: short", "plan: " + String(repeating: "x", count: 66), "plan: " + String(repeating: "x", count: 67),
            "plan: " + String(repeating: "👩‍👩‍👧‍👦é", count: 200), "plan: first\nsecond\r\nthird",
            "\n\nplan: after blank lines",
            "plan: one\u{2028}two\u{0085}three", "Fixes: looks like a trailer",
        ]
        for subject in subjects {
            let message = CommitMessage.compose(subject: subject, trailers: Self.trailers)
            let lines = message.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 5 && lines[1].isEmpty && lines[4].isEmpty, "\(message)")
            #expect(lines[0].count <= 72 && !lines[0].isEmpty, "\(message)")
            #expect(Trailers.parse(message).map(\.key) == ["Runner-Task", "Runner-Step"], "\(message)")
        }
    }

    @Test("72 characters stand whole, one more is cut with an ellipsis")
    func limit() {
        let whole = String(repeating: "x", count: 72)
        #expect(CommitMessage.compose(subject: whole, trailers: []) == whole + "\n")
        #expect(CommitMessage.compose(subject: whole + "x", trailers: []) == whole.dropLast() + "…\n")
    }

    @Test("a value with line breaks cannot add a trailer of its own")
    func injection() {
        let message = CommitMessage.compose(
            subject: "plan: x", trailers: [("Runner-Agent", "claude\nSigned-off-by: somebody\n\nbody")])
        #expect(Trailers.parse(message).map(\.key) == ["Runner-Agent"])
    }
}
