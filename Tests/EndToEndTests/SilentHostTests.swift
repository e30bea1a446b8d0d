import Foundation
import Testing

@Suite("a run whose host gives no sign of life")
struct SilentHostTests {
    @Test("cancel elsewhere says soon what it waits for, and the host cancels the run once it is back")
    func cancel() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local", "RUNNER_LEASE_SECONDS": "3"]) { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("repo", "add", repository).status == 0)
            let on = { (host: String) in
                [
                    "RUNNER_STORAGE": "server", "RUNNER_HOST": host, "RUNNER_HOME": "\(fixture.root)/\(host)",
                    "RUNNER_DATABASE_URL": "postgresql:///runner?user=runner&host=\(fixture.home)/postgres/run",
                    "RUNNER_NO_GUARD": "1",
                ]
            }
            let begin = """
                '\(RunnerFixture.build)/runner' start project 'touch ../up; sleep 600' --workflow script &
                until [ -e '\(fixture.root)/alpha/worktrees/project/up' ]; do sleep 0.05; done
                kill -9 $!
                """
            _ = try await fixture.run("/bin/bash", ["-c", begin], extra: on("alpha"))
            let asked = try await fixture.runner("cancel", "1", extra: on("beta"))
            #expect(asked.status == 0 && asked.err.contains("alpha gave its last sign of life"), "\(asked.err)")
            #expect(try await fixture.runner("list", "--state", "running", "--quiet").out == "1\n")
            let back = on("alpha").merging(["RUNNER_NO_GUARD": "0"]) { $1 }
            let ended = try await fixture.runner("cancel", "1", extra: back)
            #expect(ended.status == 0 && ended.err.contains("task 1 is cancelled"), "\(ended.err)")
            try await fixture.eventually("no step process is left") {
                fixture.processes().filter { $0.contains("/attempts/") }.isEmpty
            }
        }
    }
}
