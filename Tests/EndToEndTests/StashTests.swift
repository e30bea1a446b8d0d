import Foundation
import Testing

/// What a step puts into the stash, which all worktrees of a repository share.
@Suite("work in git stash")
struct StashTests {
    @Test("a step that leaves work there is told as that, once; one that takes it out again, or another task, is not")
    func told() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            func start(_ script: String) async throws -> String {
                let started = try await fixture.runner("start", repository, script, "--workflow", "script")
                #expect(started.status == 0, "\(started.err)")
                return started.err
            }
            let word = "git stash is in no commit"
            #expect(try await !start("echo x >> README.md; git stash -q; git stash pop -q").contains(word))
            #expect(try await start("echo x >> README.md; git stash -q").contains(word))
            #expect(try await start("echo x >> README.md; git stash push -q -m 'for later: x'").contains(word))
            #expect(try await !start("git stash list | grep -c later").contains(word))
            #expect(try await fixture.runner("steps", "2").out.contains(word))
        }
    }
}
