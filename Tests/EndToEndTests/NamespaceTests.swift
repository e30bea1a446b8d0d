import Foundation
import Glibc
import Testing

/// Commands that see the data folder, but not the processes that work on it.
@Suite("a data folder in two containers")
struct NamespaceTests {
    @Test(
        "the database of another container is not started a second time, which would ruin it",
        .enabled(if: geteuid() == 0))
    func secondServer() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            func inside(_ arguments: String...) async throws -> RunnerFixture.Output {
                try await fixture.run(
                    "/usr/bin/unshare", ["-pf", "--ipc", "--mount-proc", RunnerFixture.build + "/runner"] + arguments)
            }
            let able = try await fixture.run("/usr/bin/unshare", ["-pf", "--ipc", "--mount-proc", "/bin/true"])
            guard able.status == 0 else { return }
            let repository = try await fixture.makeRepository()
            let first = try await fixture.runner("start", repository, "echo a > a", "--workflow", "script")
            #expect(first.status == 0, "\(first.err)")
            for _ in 0..<2 {
                let refused = try await inside("start", repository, "echo b > b", "--workflow", "script")
                #expect(refused.status == 4 && refused.err.contains("in another container"), "\(refused.err)")
                // The server that was there is the one that still answers.
                #expect(try await fixture.runner("list", "--quiet").out == "1\n")
            }
            // With the server its lock goes, whatever way it ends.
            #expect(try await fixture.runner("db", "stop").status == 0)
            let second = try await inside("start", repository, "echo b > b", "--workflow", "script")
            #expect(second.status == 0, "\(second.err)")
            let third = try await fixture.runner("start", repository, "echo c > c", "--workflow", "script")
            #expect(third.status == 0, "\(third.err)")
            #expect(try await fixture.runner("list", "--quiet").out.split(separator: "\n").count == 3)
        }
    }
}
