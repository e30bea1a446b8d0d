import Foundation
import Glibc
import Testing

@Suite("room set aside for saving")
struct ReserveTests {
    @Test(
        "on a full disk a worktree is saved with the reserve; without one it stays, and one line says why",
        .enabled(if: geteuid() == 0 && canMountTmpfs), arguments: [true, false])
    func fullDisk(hasReserve: Bool) async throws {
        let variables = ["RUNNER_DISK_RESERVE": hasReserve ? "16M" : "0"]
        try await RunnerFixture.with(variables) { fixture in
            try FileManager.default.createDirectory(atPath: fixture.home, withIntermediateDirectories: true)
            let mounted = try await fixture.run(
                "/bin/mount", ["-t", "tmpfs", "-o", "size=256m,mode=755", "tmpfs", fixture.home])
            try #require(mounted.status == 0, "\(mounted.err)")
            defer { umount2(fixture.home, Int32(MNT_DETACH)) }
            let repository = try await fixture.makeRepository()
            try await fixture.runner("start", repository, "echo b > b.txt", "--workflow", "script")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try await fixture.runner("tidy")
            #expect(FileManager.default.fileExists(atPath: fixture.home + "/reserve") == hasReserve)
            try await fixture.run("/bin/sh", ["-c", "head -c 5000000 /dev/urandom > '\(worktree)/work.bin'"])
            let manifest = try await fixture.manifest(worktree)
            // The database lies on the same disk: it keeps the little that it needs.
            let fill = "cat /dev/zero > filler 2>&-; truncate -s -2M filler"
            try await fixture.run("/bin/sh", ["-c", fill], in: fixture.home)
            let cleaned = try await fixture.runner("clean", "1", "--json")
            let report = try #require(try? cleaned.json([CleanJSON].self).first, "\(cleaned)")
            if hasReserve {
                #expect(report.outcome == "removed", "\(report)")
                unlink(fixture.home + "/filler")
                #expect(try await fixture.runner("restore", "1").status == 0)
            } else {
                #expect(report.outcome == "kept", "\(report)")
                #expect(report.reasons.count == 1)
                #expect(report.reasons.first?.contains("No space left on device") == true, "\(report)")
            }
            #expect(try await fixture.manifest(worktree) == manifest)
            // Before its folder is gone from sight: afterwards nothing finds the server any more.
            #expect(try await fixture.runner("db", "stop", "--quiet", "--force").status == 0)
        }
    }
}
