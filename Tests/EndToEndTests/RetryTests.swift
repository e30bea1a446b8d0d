import Foundation
import Glibc
import Testing

@Suite("runner retry")
struct RetryTests {
    @Test("of two at once one works and the other is told about the task, in words")
    func twice() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let failed = try await fixture.runner("start", repository, "test -e ../go", "--workflow", "script")
            #expect(failed.status == 1, "\(failed.err)")
            let path = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try fixture.write("", to: path + "/../go")
            // Both have seen that the run has ended, and wait for a janitor, before either goes on.
            let janitor = open(fixture.home + "/trash/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            try #require(janitor >= 0)
            defer { close(janitor) }
            try #require(flock(janitor, LOCK_EX) == 0)
            var facts = stat()
            try #require(fstat(janitor, &facts) == 0)
            let inode = ":\(facts.st_ino) "
            async let one = fixture.runner("retry", "1")
            async let other = fixture.runner("retry", "1")
            try await fixture.eventually("both wait") {
                let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
                return locks.count { $0.contains("-> FLOCK") && $0.contains(inode) } == 2
            }
            #expect(flock(janitor, LOCK_UN) == 0)
            let answers = try await [one, other].sorted { $0.status < $1.status }
            #expect(answers[0].status == 0, "\(answers[0].err)")
            let loser = answers[1]
            #expect(
                loser.status == 3 && loser.err.contains("task 1 has been taken up by another command"), "\(loser.err)")
            #expect(loser.err.firstMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}/) == nil, "\(loser.err)")
        }
    }
}
