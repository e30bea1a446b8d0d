import Foundation
import Testing

@Suite("forks whose candidates fail")
struct CandidateFailureTests {
    private static func workflow(_ script: String, count: Int) -> String {
        """
        name: two
        steps:
          - id: best
            fork:
              count: \(count)
              steps:
                - { id: work, run: '\(script)' }
              judge: score
        """
    }

    @Test("where none succeeded it is said why of each and what to do, and a retry makes new candidates")
    func reasons() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let file = fixture.root + "/two.yaml"
            try fixture.write(
                Self.workflow(
                    "test -e ../go && echo score=1 >> \"$RUNNER_OUTPUT\" || exit $RUNNER_TASK_NUMBER", count: 3),
                to: file)
            let failed = try await fixture.runner("start", repository, "task", "--workflow", file)
            #expect(failed.status == 1, "\(failed.err)")
            let sentence =
                "none of the 3 candidates succeeded: candidate 1 (task 2): step \"work\" failed: exit status 2; "
                + "candidate 2 (task 3): step \"work\" failed: exit status 3; candidate 3 (task 4): "
                + "step \"work\" failed: exit status 4; with the cause mended, runner retry 1 has new ones made"
            #expect(failed.err.contains(sentence), "\(failed.err)")
            #expect(try await fixture.runner("show", "1").out.contains(sentence))
            let path = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try fixture.write("", to: path + "/../go")
            let again = try await fixture.runner("retry", "1")
            #expect(again.status == 0, "\(again.err)")
            #expect(try await fixture.runner("list", "--quiet").out.split(separator: "\n").count == 7)
        }
    }

    @Test("the same reason is told once; without a score it is said how one is set")
    func together() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let file = fixture.root + "/two.yaml"
            try fixture.write(Self.workflow("exit 9", count: 2), to: file)
            let failed = try await fixture.runner("start", repository, "task", "--workflow", file)
            #expect(
                failed.err.contains("candidates 1, 2 (tasks 2, 3): step \"work\" failed: exit status 9; with"),
                "\(failed.err)")
            try fixture.write(Self.workflow("true", count: 2), to: file)
            let equal = try await fixture.runner("start", repository, "task", "--workflow", file)
            #expect(
                equal.status == 1 && equal.err.contains("sets it by echo score=7 >> \"$RUNNER_OUTPUT\""), "\(equal.err)"
            )
        }
    }
}
