import CPlatform
import Foundation
import Glibc
import Testing

@testable import Git

@Suite(.timeLimit(.minutes(5))) struct SnapshotSafetyTests {
    @Test("a file that changes between write and proof is saved in its last state")
    func changedBetween() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            let request = fixture.request(worktree)
            nonisolated(unsafe) var changes = 0
            _ = try Snapshot.saveVerified(request) {
                if changes == 0 { try? SnapshotFixture.write("late\n", to: worktree.path + "/file1.txt") }
                changes += 1
            }
            #expect(changes == 2)
            try fixture.remove(worktree)
            _ = try Snapshot.restore(request.reference, to: worktree)
            #expect(try String(contentsOfFile: worktree.path + "/file1.txt", encoding: .utf8) == "late\n")
        }
    }

    @Test("control: without the proof the late change is lost")
    func changedWithoutProof() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            let request = fixture.request(worktree)
            _ = try Snapshot.write(request)
            try SnapshotFixture.write("late\n", to: worktree.path + "/file1.txt")
            try fixture.remove(worktree)
            _ = try Snapshot.restore(request.reference, to: worktree)
            #expect(try String(contentsOfFile: worktree.path + "/file1.txt", encoding: .utf8) != "late\n")
        }
    }

    @Test("a worktree that never rests is not declared saved")
    func neverRests() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            nonisolated(unsafe) var changes = 0
            let error = #expect(throws: GitError.self) {
                try Snapshot.saveVerified(fixture.request(worktree)) {
                    changes += 1
                    try? SnapshotFixture.write("change \(changes)\n", to: worktree.path + "/file1.txt")
                }
            }
            #expect(changes == 3)
            #expect(error?.code == .modified)
            #expect(error?.description.contains("file1.txt") == true)
        }
    }

    @Test(
        "each kind of change after the write is found",
        arguments: ["content", "mode", "new", "gone", "kind", "target", "index", "folder", "hard link"])
    func findsChange(kind: String) async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            let path = worktree.path
            symlink("a", path + "/link")
            mkdir(path + "/folder", 0o755)
            link(path + "/file3.txt", path + "/hard")
            let request = fixture.request(worktree)
            _ = try Snapshot.write(request)
            #expect(try Snapshot.verify(request.reference, against: worktree).isProof)
            switch kind {
            case "content":
                // The same size and the same time: only the bytes tell.
                var status = stat()
                stat(path + "/file2.txt", &status)
                try SnapshotFixture.write("LINE 2\nsecond\nthird\n", to: path + "/file2.txt")
                chmod(path + "/file2.txt", status.st_mode & 0o7777)
                var times = [status.st_mtim, status.st_mtim]
                utimensat(AT_FDCWD, path + "/file2.txt", &times, 0)
            case "mode": chmod(path + "/file2.txt", 0o600)
            case "new": try SnapshotFixture.write("", to: path + "/new")
            case "gone": unlink(path + "/file2.txt")
            case "kind":
                unlink(path + "/file2.txt")
                mkfifo(path + "/file2.txt", 0o644)
            case "target":
                unlink(path + "/link")
                symlink("b", path + "/link")
            case "index":
                try SnapshotFixture.write("staged\n", to: path + "/file2.txt")
                try await SnapshotFixture.git(["add", "file2.txt"], in: path)
            case "folder": rmdir(path + "/folder")
            default:
                unlink(path + "/hard")
                try FileManager.default.copyItem(atPath: path + "/file3.txt", toPath: path + "/hard")
            }
            #expect(try !Snapshot.verify(request.reference, against: worktree).differences.isEmpty)
        }
    }

    @Test("a damaged pack is found, and nothing is declared saved")
    func damagedPack() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            let secret = (0..<200).map { "unique \($0 * 7919)" }.joined(separator: "\n")
            try SnapshotFixture.write(secret, to: worktree.path + "/unique.txt")
            let request = fixture.request(worktree)
            let before = try packs(fixture)
            _ = try Snapshot.write(request)
            let added = try packs(fixture).subtracting(before)
            #expect(added.count == 1, "one pack for one snapshot")
            let pack = try #require(added.first)
            chmod(pack, 0o644)
            let size = try #require(try FileManager.default.attributesOfItem(atPath: pack)[.size] as? Int)
            let descriptor = runner_open(pack, O_WRONLY | O_CLOEXEC, 0)
            for offset in stride(from: 40, to: size - 30, by: 97) { pwrite(descriptor, "!", 1, off_t(offset)) }
            close(descriptor)
            // What cannot even be opened throws; what can is full of damage.
            if let verification = try? Snapshot.verify(request.reference, against: worktree) {
                #expect(!verification.damage.isEmpty)
            }
        }
    }

    @Test("a missing pack is found")
    func missingPack() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            try SnapshotOddity.largeFile.applyFiles(worktree.path)
            let request = fixture.request(worktree)
            let before = try packs(fixture)
            _ = try Snapshot.write(request)
            #expect(try Snapshot.verify(request.reference, against: worktree).isProof)
            for pack in try packs(fixture).subtracting(before) { #expect(unlink(pack) == 0) }
            #expect(throws: GitError.self) { try Snapshot.verify(request.reference, against: worktree) }
        }
    }

    @Test(
        "one changed byte anywhere in the pack or its index, and nothing is declared saved",
        arguments: [(".pack", 0.0), (".pack", 0.3), (".pack", 0.6), (".pack", 0.999), (".idx", 0.02), (".idx", 0.9)])
    func changedByte(ending: String, place: Double) async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            try SnapshotOddity.largeFile.applyFiles(worktree.path)
            let before = try packs(fixture)
            let error = #expect(throws: GitError.self) {
                try Snapshot.saveVerified(fixture.request(worktree)) {
                    for pack in (try? packs(fixture).subtracting(before)) ?? [] {
                        flipByte(of: pack.replacing(".pack", with: ending), at: place)
                    }
                }
            }
            #expect(error?.operation.hasPrefix("verify the snapshot") == true)
        }
    }

    private func flipByte(of path: String, at place: Double) {
        chmod(path, 0o644)
        let descriptor = runner_open(path, O_RDWR | O_CLOEXEC, 0)
        var status = stat()
        fstat(descriptor, &status)
        let offset = off_t(Double(status.st_size - 1) * place)
        var byte: UInt8 = 0
        pread(descriptor, &byte, 1, offset)
        byte ^= 0x10
        pwrite(descriptor, &byte, 1, offset)
        fsync(descriptor)
        close(descriptor)
    }

    @Test("a crash before the pack is on the disk leaves no reference", arguments: [0, 1, 2])
    func crashes(stop: Int) async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            try SnapshotFixture.write("new\n", to: worktree.path + "/new")
            let request = fixture.request(worktree)
            let before = try packs(fixture)
            nonisolated(unsafe) var reached = -1
            #expect(throws: GitError.self) {
                try Snapshot.write(request) { (_: Snapshot.Stage) throws(GitError) in
                    reached += 1
                    if reached == stop { throw GitError(code: .generic, operation: "go on", message: "crash") }
                }
            }
            #expect(try fixture.hub.open().reference(request.reference) == nil)
            #expect(try packs(fixture).count == before.count + (stop == 2 ? 1 : 0))
            #expect(try Snapshot.saveVerified(request).notSaved.isEmpty)
        }
    }

    @Test("what its owner has locked against himself is saved and restored all the same")
    func unreadable() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            try SnapshotFixture.write("locked\n", to: worktree.path + "/inner/locked")
            chmod(worktree.path + "/inner/locked", 0)
            chmod(worktree.path + "/inner", 0)
            let request = fixture.request(worktree)
            let report = try Snapshot.saveVerified(request)
            #expect(report.losses.isEmpty)
            var status = stat()
            #expect(lstat(worktree.path + "/inner", &status) == 0 && status.st_mode & 0o7777 == 0)
            try fixture.remove(worktree)
            _ = try Snapshot.restore(request.reference, to: worktree)
            #expect(lstat(worktree.path + "/inner", &status) == 0 && status.st_mode & 0o7777 == 0)
        }
    }

    @Test("ignored files above the cap are named, and the small ones are saved")
    func caps() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            try SnapshotFixture.write(String(repeating: "x", count: 5000), to: worktree.path + "/node_modules/a/big.js")
            try SnapshotFixture.write("SECRET=1\n", to: worktree.path + "/build/.env")
            try SnapshotFixture.write(String(repeating: "y", count: 900), to: worktree.path + "/build/out")
            let report = try Snapshot.saveVerified(fixture.request(worktree, cap: 4000, fileCap: 800))
            #expect(report.losses.isEmpty)
            #expect(report.notSaved.map(\.path) == ["build/out", "node_modules/a/big.js"])
            let tight = try Snapshot.saveVerified(fixture.request(worktree, cap: 4000, fileCap: 8000))
            #expect(tight.notSaved.map(\.path) == ["node_modules"])
            #expect(tight.notSaved.first?.size == 5000)
        }
    }

    @Test("a restore goes into an empty place only, and leaves nothing after an error")
    func occupied() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            let request = fixture.request(worktree)
            _ = try Snapshot.saveVerified(request)
            #expect(throws: GitError.self) { try Snapshot.restore(request.reference, to: worktree) }
            try fixture.remove(worktree)
            try SnapshotFixture.write("mine\n", to: worktree.path + "/mine")
            #expect(throws: GitError.self) { try Snapshot.restore(request.reference, to: worktree) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: worktree.path) == ["mine"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.root + "/trees") == ["one"])
            unlink(worktree.path + "/mine")
            _ = try Snapshot.restore(request.reference, to: worktree)
            #expect(worktree.verifyLink())
        }
    }

    @Test("after a garbage collection the one reference still holds every commit, stash and file")
    func anchors() async throws {
        try await SnapshotFixture.with { fixture in
            let worktree = try fixture.worktree("one")
            for oddity in [SnapshotOddity.reflogOnlyCommit, .stashes, .stagedAndUnstaged, .worktreeReference] {
                try await oddity.apply(to: worktree, fixture)
            }
            let log = try await SnapshotFixture.git(["reflog", "--format=%H"], in: worktree.path)
            let request = fixture.request(worktree)
            _ = try Snapshot.saveVerified(request)
            try fixture.remove(worktree)
            for name in ["refs/heads/runner/one", "refs/stash"] {
                try await SnapshotFixture.git(["update-ref", "-d", name], in: fixture.hub.path)
            }
            try await SnapshotFixture.git(["reflog", "expire", "--expire=now", "--all"], in: fixture.hub.path)
            try await SnapshotFixture.git(["gc", "-q", "--prune=now"], in: fixture.hub.path)
            for commit in log.split(separator: "\n") {
                try await SnapshotFixture.git(["cat-file", "-e", "\(commit)^{tree}"], in: fixture.hub.path)
            }
            _ = try Snapshot.restore(request.reference, to: worktree)
            let stashes = try await SnapshotFixture.git(["stash", "list"], in: worktree.path)
            #expect(stashes.split(separator: "\n").count == 2)
            try await SnapshotFixture.git(["fsck", "--strict", "--no-dangling"], in: fixture.hub.path)
        }
    }

    private func packs(_ fixture: SnapshotFixture) throws -> Set<String> {
        let folder = fixture.hub.path + "/objects/pack"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        return Set(names.filter { $0.hasSuffix(".pack") }.map { folder + "/" + $0 })
    }
}
