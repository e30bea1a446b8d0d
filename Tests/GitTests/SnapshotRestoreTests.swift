import CPlatform
import Foundation
import Glibc
import Testing

@testable import Git

@Suite(.timeLimit(.minutes(5))) struct SnapshotRestoreTests {
    private static let canMount: Bool = {
        var template = Array("/tmp/runner-mount-XXXXXX".utf8CString)
        guard geteuid() == 0, mkdtemp(&template) != nil else { return false }
        defer { rmdir(template) }
        guard mount(template, template, nil, UInt(MS_BIND), nil) == 0 else { return false }
        return umount2(template, 2) == 0
    }()

    @Test("a directory that comes back from the trash gets its administrative folder again")
    func fromTrash() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            for oddity in [SnapshotOddity.mergeConflict, .stagedNew, .untracked] {
                try await oddity.apply(to: worktree, fixture)
            }
            let before = try await SnapshotFixture.git(["status", "--porcelain=v2"], in: worktree.path)
            let request = fixture.request(worktree)
            _ = try Snapshot.saveVerified(request)
            rename(worktree.path, fixture.root + "/trash")
            try worktree.removeAdmin()
            rename(fixture.root + "/trash", worktree.path)
            try Snapshot.restoreAdmin(request.reference, of: worktree)
            #expect(try await SnapshotFixture.git(["status", "--porcelain=v2"], in: worktree.path) == before)
            #expect(throws: GitError.self) { try Snapshot.restoreAdmin(request.reference, of: worktree) }
        }
    }

    @Test("a restore to another path and after an interrupted one works")
    func elsewhere() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            try await SnapshotOddity.detachedCommit.apply(to: worktree, fixture)
            let request = fixture.request(worktree)
            _ = try Snapshot.saveVerified(request)
            try fixture.remove(worktree)
            let other = Worktree(hub: fixture.hub, name: "two", path: fixture.root + "/elsewhere/two")
            // What a crash in the middle leaves: half a draft, and a folder whose directory never appeared.
            try SnapshotFixture.write("half\n", to: fixture.root + "/elsewhere/.restoring-two/file1.txt")
            try other.writeAdmin(head: .branch("refs/heads/main", nil))
            _ = try Snapshot.restore(request.reference, to: other)
            let head = try await SnapshotFixture.git(["log", "-1", "--format=%s"], in: other.path)
            #expect(head == "detached\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.root + "/elsewhere") == ["two"])
        }
    }

    @Test("a branch that moved meanwhile stays where it is")
    func movedBranch() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            let request = fixture.request(worktree)
            _ = try Snapshot.saveVerified(request)
            try fixture.remove(worktree)
            let repository = try fixture.hub.open()
            let side = try #require(try repository.reference("refs/remotes/origin/side"))
            try repository.setReference("refs/heads/runner/one", to: side)
            _ = try Snapshot.restore(request.reference, to: worktree)
            #expect(try repository.reference("refs/heads/runner/one") == side)
        }
    }

    @Test(
        "a file system mounted inside is work that cannot be saved",
        .enabled(if: canMount, "mounting is not allowed here"))
    func mounted() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            let point = worktree.path + "/mounted"
            mkdir(point, 0o755)
            try #require(mount(fixture.root + "/source", point, nil, UInt(MS_BIND), nil) == 0)
            defer { umount2(point, 2) }
            let error = #expect(throws: GitError.self) { try Snapshot.saveVerified(fixture.request(worktree)) }
            #expect(error?.description.contains("another file system is mounted there") == true)
        }
    }

    @Test("a manifest is read back as it was written, and a part of one is refused")
    func manifest() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            for oddity in [SnapshotOddity.strangeNames, .notUTF8, .hardLinks, .socket] {
                try oddity.applyFiles(worktree.path)
            }
            let request = fixture.request(worktree)
            _ = try Snapshot.saveVerified(request)
            let manifest = try Snapshot.describe(hub: fixture.hub, reference: request.reference)
            #expect(try SnapshotManifest(text: manifest.text) == manifest)
            #expect(manifest.notSaved.map(\.path) == ["socket"])
            for count in stride(from: 0, to: manifest.text.count - 1, by: 131) {
                #expect(throws: GitError.self) { try SnapshotManifest(text: Array(manifest.text.prefix(count))) }
            }
        }
    }
}
