import Foundation
import RunnerCore
import Testing

@Suite("Rules around a run")
struct AdvanceRulesTests {
    @Test("outputs are read from lines and here-documents")
    func outputs() throws {
        let text = "a=1\n\nb-c=x=y<<z\r\nempty=\nlong<<END\nline 1\n\n  a=b\nEND\na=2\nlast<<E\nE"
        #expect(
            try StepOutput.parse(Array(text.utf8))
                == ["a": "2", "b-c": "x=y<<z", "empty": "", "long": "line 1\n\n  a=b", "last": ""])
        #expect(try StepOutput.parse([]) == [:])
        #expect(try StepOutput.parse(Array("a=".utf8) + [0xFF]) == ["a": "\u{FFFD}"])
    }

    @Test(
        "wrong outputs name their line",
        arguments: [
            ("a=1\nnothing\n", 2), ("=1\n", 1), ("1a=1\n", 1), ("a b=1\n", 1), (" a=1\n", 1), ("a<<\nx\n", 1),
            ("\na<<END\nx\n", 2),
            ("a<<END\nx\n END\n", 1), ("ä=1", 1), ("-a=1", 1),
        ])
    func wrongOutputs(text: String, line: Int) throws {
        let error = try #require(throws: StepOutputError.self) { try StepOutput.parse(Array(text.utf8)) }
        #expect(error.line == line)
    }

    @Test("outputs above 1 MiB are refused, and many short lines are read quickly", .timeLimit(.minutes(1)))
    func outputLimit() throws {
        let fits = Array(repeating: Array("a=1\n".utf8), count: 1 << 18).flatMap { $0 }
        #expect(try StepOutput.parse(fits) == ["a": "1"])
        #expect(throws: StepOutputError.self) { try StepOutput.parse(fits + [10]) }
    }

    @Test("a step sees the allow-list and what is declared, and nothing else")
    func environment() {
        let inherited = [
            "PATH": "/bin", "HOME": "/root", "LANG": "C", "LC_ALL": "C", "TERM": "x", "TZ": "UTC", "USER": "u",
            "GIT_DIR": "/x", "GIT_SSH_COMMAND": "x", "LD_PRELOAD": "x", "SSH_AUTH_SOCK": "x", "HTTPS_PROXY": "x",
            "https_proxy": "x", "AWS_SECRET_ACCESS_KEY": "x", "RUNNER_DATABASE_URL": "x", "BASH_ENV": "x", "IFS": "x",
        ]
        let allowed = StepEnvironment.allowed(from: inherited, declared: ["LANG": "de", "HTTPS_PROXY": "mine"])
        #expect(
            allowed == [
                "PATH": "/bin", "HOME": "/root", "LANG": "de", "LC_ALL": "C", "TERM": "x", "TZ": "UTC", "USER": "u",
                "HTTPS_PROXY": "mine", "GIT_EDITOR": ":",
            ])
    }

    @Test("a step that is to be tried again beside others is due at its time, whatever goes on beside it")
    func besideOthers() throws {
        let step = { (id: String, tries: String) in "{ id: \(id), run: x, writes: false\(tries) }" }
        let text =
            "name: x\nsteps:\n  - id: g\n    parallel:\n"
            + ["a", "b", "c"].map { "      - \(step($0, $0 == "c" ? "" : ", max-attempts: 3"))\n" }.joined()
        var state = RunState(workflow: try WorkflowParser.parse(text, file: "x.yaml", knownAgents: []))
        func advance(_ ended: String?, at second: Double) -> Decision.Next {
            state.advance(
                after: ended.map { StepResult(stepKey: $0, status: .failed, failureClass: .transient) },
                at: AdvanceTests.now.addingTimeInterval(second), evaluate: AdvanceTests.evaluate
            ).next
        }
        for key in ["g/a", "g/b", "g/c"] { #expect(advance(nil, at: 0) == .start(stepKey: key, attempt: 1)) }
        #expect(advance(nil, at: 0) == .wait(stepKey: "g/a"))
        #expect(advance("g/a", at: 0) == .retry(stepKey: "g/a", attempt: 2, after: .seconds(5)))
        #expect(advance(nil, at: 2) == .retry(stepKey: "g/a", attempt: 2, after: .seconds(3)))
        // Of two the one that is due first.
        #expect(advance("g/b", at: 4) == .retry(stepKey: "g/a", attempt: 2, after: .seconds(1)))
        #expect(advance(nil, at: 5) == .start(stepKey: "g/a", attempt: 2))
        #expect(advance(nil, at: 5) == .retry(stepKey: "g/b", attempt: 2, after: .seconds(4)))
        #expect(advance(nil, at: 9) == .start(stepKey: "g/b", attempt: 2))
        #expect(advance(nil, at: 9) == .wait(stepKey: "g/a"))
    }

    @Test("a worktree is kept for seven days, or as the repository says")
    func deadline() {
        let end = AdvanceTests.now
        #expect(CleanupDeadline.after(endOfRun: end) == end.addingTimeInterval(604_800))
        #expect(CleanupDeadline.after(endOfRun: end, retention: .seconds(60)) == end.addingTimeInterval(60))
        #expect(CleanupDeadline.after(endOfRun: end, retention: .seconds(-60)) == end)
        #expect(CleanupDeadline.after(endOfRun: end, settings: .init()) == end.addingTimeInterval(604_800))
        #expect(
            CleanupDeadline.after(endOfRun: end, settings: .init(retentionDays: 0.5)) == end.addingTimeInterval(43_200))
        #expect(
            CleanupDeadline.after(endOfRun: end, settings: .init(retentionDays: .nan))
                == end.addingTimeInterval(604_800))
        #expect(CleanupDeadline.after(endOfRun: end, settings: .init(retentionDays: 1e300)) > end)
    }
}
