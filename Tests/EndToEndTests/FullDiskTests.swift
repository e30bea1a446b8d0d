import Foundation
import Glibc
import Testing

@Suite("a disk that takes no more files")
struct FullDiskTests {
    @Test(
        "the hint tells inodes from room, what a step came to is kept with its work, and a retry goes on",
        .enabled(if: geteuid() == 0 && canMountTmpfs))
    func inodes() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            try FileManager.default.createDirectory(atPath: fixture.home, withIntermediateDirectories: true)
            let options = "size=300m,mode=755,nr_inodes=5000"
            let mounted = try await fixture.run("/bin/mount", ["-t", "tmpfs", "-o", options, "tmpfs", fixture.home])
            try #require(mounted.status == 0, "\(mounted.err)")
            defer { umount2(fixture.home, Int32(MNT_DETACH)) }
            let repository = try await fixture.makeRepository()
            let many = "test -e many || { mkdir many; for i in $(seq 9000); do echo $i > many/$i || exit 0; done; }"
            let full = try await fixture.runner("start", repository, many, "--workflow", "script")
            #expect(full.status == 1 && full.err.contains("No space left on device"), "\(full.err)")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            let error = try #require(steps.first?.attempts.first?.error)
            #expect(error.contains("its work is in the worktree, but could not be committed"), "\(error)")
            let other = try await fixture.runner("start", repository, many, "--workflow", "script")
            #expect(other.status == 4 && other.err.contains("(df -i \(fixture.home))"), "\(other.err)")
            let more = try await fixture.run("/bin/mount", ["-o", "remount,nr_inodes=50000", fixture.home])
            try #require(more.status == 0, "\(more.err)")
            let again = try await fixture.runner("retry", "1")
            #expect(again.status == 0, "\(again.err)")
            #expect(try await fixture.runner("db", "stop", "--quiet", "--force").status == 0)
        }
    }
}
