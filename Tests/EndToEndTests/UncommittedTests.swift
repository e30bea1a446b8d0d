import Foundation
import Testing

@Suite("work that Git cannot write")
struct UncommittedTests {
    @Test("what a step came to is recorded where its work cannot be committed, which a retry finds and commits")
    func recorded() async throws {
        // No checkpoint can be kept where a file stands in the place of their folder.
        let script = """
            echo work >> work.txt
            [ -e "$HOME/once" ] && exit
            touch "$HOME/once"; echo said; echo "key=value" >> "$RUNNER_OUTPUT"
            cd "$(git rev-parse --git-common-dir)/refs"; rm -rf runner; : > runner; pwd > "$HOME/place"
            """
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let started = try await fixture.runner("start", repository, script, "--workflow", "script")
            #expect(started.status == 1 && started.err.contains("could not be committed"), "\(started.err)")
            let first = try #require(
                try await fixture.runner("steps", "1", "--json").json([StepJSON].self).first?.attempts.first)
            #expect(first.status == "failed" && first.exitCode == 0 && first.commitAfter == nil)
            #expect(first.error?.contains("its work is in the worktree") == true)
            #expect(try await fixture.runner("log", "1", "--raw").out == "said\n")
            #expect(try await fixture.runner("steps", "1", "--json").out.contains("value"))
            let place = try String(contentsOfFile: fixture.root + "/home/place", encoding: .utf8)
            try FileManager.default.removeItem(atPath: place.trimmingCharacters(in: .newlines) + "/runner")
            let retried = try await fixture.runner("retry", "1")
            #expect(retried.status == 0, "\(retried.err)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try await fixture.git("show", "HEAD:work.txt", in: worktree) == "work\nwork")
        }
    }
}
