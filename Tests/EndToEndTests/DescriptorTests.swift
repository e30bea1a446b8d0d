import Foundation
import Glibc
import Testing

@Suite("descriptors that a command inherits")
struct DescriptorTests {
    private func shell(_ script: String, _ repository: String, in fixture: RunnerFixture) async throws
        -> RunnerFixture.Output
    {
        try await fixture.run("/bin/sh", ["-c", script, RunnerFixture.build + "/runner", repository])
    }

    @Test("no file of ours gets the messages of a command whose standard descriptors are closed")
    func closed() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let start = "exec \"$0\" start \"$1\" 'echo hi > a' --workflow script"
            #expect(try await shell(start + " <&- >&- 2>&-", repository, in: fixture).status == 4)
            #expect(try await shell(start + " <&- 2>&-", repository, in: fixture).out == "2\n")
            // A message that is known to be said, so that its absence means something.
            let told = try await shell(start, repository, in: fixture)
            #expect(told.err.contains("run completed"))
            let found = try await fixture.run("/bin/grep", ["-rl", "run completed", fixture.home])
            #expect(found.out.isEmpty, "\(found.out)")
            let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
            #expect(rows.map(\.status) == ["completed", "completed", "completed"])
            let lost = try await shell("exec \"$0\" list >&-", repository, in: fixture)
            #expect(lost.status == 4 && lost.err.contains("standard output cannot be written"), "\(lost.err)")
        }
    }

    @Test("as many files as the machine allows may be open, and with too few it is said what to do")
    func openFiles() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let few = try await shell("ulimit -n 20 && exec \"$0\" list", repository, in: fixture)
            #expect(few.status == 4 && few.err.contains("hint: allow more: ulimit -n"), "\(few.err)")
            let start = "ulimit -Sn 128 && exec \"$0\" start \"$1\" 'ulimit -Sn; ulimit -Hn' --workflow script"
            #expect(try await shell(start, repository, in: fixture).status == 0)
            let limits = try await fixture.runner("log", "1", "--raw").out.split(separator: "\n").compactMap { Int($0) }
            #expect(limits.count == 2 && limits[0] == min(8192, limits[1]), "\(limits)")
        }
    }
}
