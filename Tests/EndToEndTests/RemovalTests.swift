import Foundation
import Glibc
import Testing

@Suite("removal, trash and snapshots")
struct RemovalTests {
    private func start(_ fixture: RunnerFixture) async throws -> (repository: String, worktree: String) {
        let repository = try await fixture.makeRepository(files: [
            "a.txt": "a\n", ".gitignore": "*.log\nnode_modules/\nplain/\n", "package.json": "{}\n",
        ])
        try await fixture.runner("start", repository, "echo b > b.txt", "--workflow", "script")
        let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
        try fixture.write("untracked\n", to: worktree + "/new/untracked.txt", mode: 0o755)
        try fixture.write("ignored\n", to: worktree + "/debug.log")
        try fixture.write("changed\n", to: worktree + "/a.txt")
        return (repository, worktree)
    }

    private func clean(_ fixture: RunnerFixture, _ extra: [String: String] = [:]) async throws -> [CleanJSON] {
        try await fixture.runner("clean", "1", "--json", extra: extra).json()
    }

    private func inode(_ path: String) -> UInt64 {
        var facts = stat()
        return lstat(path, &facts) == 0 ? UInt64(facts.st_ino) : 0
    }

    @Test("a worktree that its own step removed is checked out again at its last commit")
    func removedByStep() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(
                "name: two\nsteps:\n  - run: echo b > b.txt\n  - run: cd /; rm -rf \"$OLDPWD\"\n",
                to: fixture.root + "/two.yaml")
            _ = try await fixture.runner("start", repository, "work", "--workflow", fixture.root + "/two.yaml")
            let restored = try await fixture.runner("restore", "1")
            #expect(restored.status == 0, "\(restored)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try String(contentsOfFile: worktree + "/README.md", encoding: .utf8) == "hello\n")
            #expect(try await fixture.git("status", "--porcelain", in: worktree) == "")
            let again = try await fixture.runner("restore", "1")
            #expect(again.status == 3 && again.err.contains("is at"), "\(again)")
        }
    }

    @Test("killed at every edge, a removal is gone on with, and nothing is lost")
    func edges() async throws {
        try await RunnerFixture.with { fixture in
            let (_, worktree) = try await start(fixture)
            let manifest = try await fixture.manifest(worktree)
            for edge in ["expiring", "quiet", "written", "saved", "verified", "moved", "unlinked", "trashed"] {
                let killed = try await fixture.runner("clean", "1", extra: ["RUNNER_CRASH_AT": edge])
                #expect(killed.status == 137, "\(edge): \(killed.err)")
                try await fixture.runner("clean", "1", "--json")
                #expect(!FileManager.default.fileExists(atPath: worktree), "\(edge)")
                #expect(try await fixture.runner("env", "list", "--all", "--quiet").out == "1\n")
                let restored = try await fixture.runner("restore", "1")
                #expect(restored.status == 0, "\(edge): \(restored.err)")
                #expect(try await fixture.manifest(worktree) == manifest, "\(edge)")
                try await fixture.git("status", in: worktree)
            }
        }
    }

    @Test("within the undo window the very directory comes back; later a snapshot brings it back")
    func undo() async throws {
        try await RunnerFixture.with { fixture in
            let (_, worktree) = try await start(fixture)
            let (manifest, first) = (try await fixture.manifest(worktree), inode(worktree))
            #expect(try await clean(fixture).first?.outcome == "removed")
            #expect(try await fixture.runner("restore", "1").status == 0)
            #expect(inode(worktree) == first)
            #expect(try await fixture.manifest(worktree) == manifest)
            #expect(try await clean(fixture, ["RUNNER_UNDO_WINDOW": "0s"]).first?.outcome == "removed")
            try await fixture.eventually("the trash is empty") {
                try await fixture.runner("tidy")
                let names = try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/trash")
                return names.allSatisfy { $0.hasPrefix(".") }
            }
            #expect(try await fixture.runner("restore", "1").status == 0)
            #expect(try await fixture.manifest(worktree) == manifest)
            // Into another folder too, and only into an empty one.
            let copy = fixture.root + "/copy"
            #expect(try await fixture.runner("restore", "1", "--to", copy).status == 0)
            #expect(try await fixture.manifest(copy) == manifest)
            #expect(try await fixture.runner("restore", "1", "--to", copy).status == 3)
            #expect(try await fixture.runner("snapshots", "1", "--quiet").out.split(separator: "\n").count == 2)
        }
    }

    @Test("what is written into a removed directory after its snapshot is saved before it is deleted")
    func lateChanges() async throws {
        try await RunnerFixture.with { fixture in
            let (_, worktree) = try await start(fixture)
            #expect(try await clean(fixture, ["RUNNER_UNDO_WINDOW": "1s"]).first?.outcome == "removed")
            let trash = fixture.home + "/trash"
            let name = try #require(
                try FileManager.default.contentsOfDirectory(atPath: trash).first { $0.hasSuffix(".trash") })
            try fixture.write("late\n", to: "\(trash)/\(name)/late.txt")
            try await fixture.eventually("the directory is deleted") {
                try await fixture.runner("tidy")
                return try FileManager.default.contentsOfDirectory(atPath: trash).allSatisfy { $0.hasPrefix(".") }
            }
            #expect(try await fixture.runner("snapshots", "1", "--quiet").out == "2\n1\n")
            #expect(try await fixture.runner("restore", "1").status == 0)
            #expect(try String(contentsOfFile: worktree + "/late.txt", encoding: .utf8) == "late\n")
        }
    }

    @Test("a lock holds, a vanished worktree is noticed, and a moved one is found again")
    func lockAndRelocate() async throws {
        try await RunnerFixture.with { fixture in
            let (_, worktree) = try await start(fixture)
            let manifest = try await fixture.manifest(worktree)
            #expect(try await fixture.runner("env", "lock", "1", "--reason", "a demo").status == 0)
            let locked = try await clean(fixture)
            #expect(locked.first?.outcome == "kept" && locked.first?.reasons.first?.contains("a demo") == true)
            #expect(try await fixture.runner("env", "unlock", "1").status == 0)
            let moved = fixture.root + "/elsewhere"
            try FileManager.default.moveItem(atPath: worktree, toPath: moved)
            #expect(try await fixture.runner("env", "relocate", "1", fixture.root + "/project").status == 3)
            #expect(try await clean(fixture).first?.outcome == "vanished")
            #expect(try await fixture.runner("env", "relocate", "1", moved).status == 0)
            #expect(try await fixture.runner("path", "1").out == moved + "\n")
            #expect(try await fixture.manifest(moved) == manifest)
            #expect(try await fixture.git("rev-parse", "--show-toplevel", in: moved) == moved)
            #expect(try await clean(fixture).first?.outcome == "removed")
            #expect(try await fixture.runner("restore", "1").status == 0)
            #expect(try await fixture.manifest(moved) == manifest)
        }
    }

    @Test("a worktree that went by other hands and was closed comes back as its last commit")
    func vanished() async throws {
        try await RunnerFixture.with { fixture in
            let (_, worktree) = try await start(fixture)
            try FileManager.default.removeItem(atPath: worktree)
            #expect(try await fixture.runner("doctor").out.contains("runner restore 1 checks its branch out again"))
            #expect(try await clean(fixture).first?.outcome == "vanished")
            #expect(try await fixture.runner("show", "1").out.contains("gone by other hands"))
            let doctor = try await fixture.runner("doctor").out
            #expect(!doctor.contains("is gone") && !doctor.contains("which no task has"), "\(doctor)")
            let restored = try await fixture.runner("restore", "1")
            #expect(restored.status == 0, "\(restored.err)")
            #expect(try await fixture.git("status", "--porcelain", in: worktree).isEmpty)
            let tip = try await fixture.git("log", "--format=%an", "-1", in: worktree)
            #expect(!tip.isEmpty)
            #expect(try await fixture.runner("path", "1").out == worktree + "\n")
            #expect(try await clean(fixture).first?.outcome == "removed")
        }
    }

    @Test("a write after the deadline was set postpones the removal, up to the hard limit")
    func activity() async throws {
        try await RunnerFixture.with { fixture in
            let (_, worktree) = try await start(fixture)
            try await fixture.runner("keep", "1", "--for", "1ms")
            try fixture.write("still here\n", to: worktree + "/work.txt")
            let kept = try await fixture.runner("clean", "--due", "--json").json([CleanJSON].self)
            #expect(kept.first?.outcome == "kept")
            #expect(kept.first?.reasons.first?.contains("was changed") == true, "\(kept)")
            // It is not looked at again before that time.
            #expect(try await fixture.runner("clean", "--due", "--json").json([CleanJSON].self).isEmpty)
            #expect(try await fixture.runner("env", "show", "1").out.contains("at the latest"))
            // The control: without the write, or at the hard limit, it goes.
            try await fixture.runner("keep", "1", "--for", "1ms")
            let gone = try await fixture.runner("clean", "--due", "--json").json([CleanJSON].self)
            #expect(gone.first?.outcome == "removed", "\(gone)")
            #expect(try await fixture.runner("restore", "1").status == 0)
            try await fixture.runner("keep", "1", "--for", "1ms")
            try fixture.write("still here\n", to: worktree + "/work.txt")
            let limited = try await fixture.runner("clean", "--due", "--json", extra: ["RUNNER_HARD_LIMIT": "0s"])
            #expect(try limited.json([CleanJSON].self).first?.outcome == "removed")
        }
    }

    @Test("merged worktrees go, those that are not stay and say why")
    func merged() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            for word in ["one", "two", "three"] {
                try await fixture.runner("start", repository, "echo \(word) > \(word).txt", "--workflow", "script")
            }
            let branches = try await fixture.git(
                "branch", "--list", "runner/*", "--format=%(refname:short)", in: repository
            )
            .split(separator: "\n").map(String.init)
            try await fixture.git(
                "merge", "-q", "--squash", branches.first { $0.contains("/1-") } ?? "", in: repository)
            try await fixture.git("commit", "-q", "-m", "squashed", in: repository)
            try await fixture.git("cherry-pick", branches.first { $0.contains("/2-") } ?? "", in: repository)
            let offline = try await fixture.runner("clean", "--merged", "--offline", "--dry-run", "--json")
            #expect(try offline.json([CleanJSON].self).allSatisfy { $0.outcome == "kept" })
            let reports = try await fixture.runner("clean", "--merged", "--json").json([CleanJSON].self)
            let outcomes = Dictionary(uniqueKeysWithValues: reports.map { ($0.task, $0.outcome) })
            #expect(outcomes == [1: "removed", 2: "removed", 3: "kept"], "\(reports)")
            #expect(reports.first { $0.task == 3 }?.reasons.first?.contains("not merged") == true)
        }
    }

    @Test("over its quota a repository loses what can be made again, and nothing else")
    func quota() async throws {
        try await RunnerFixture.with { fixture in
            let (repository, worktree) = try await start(fixture)
            try fixture.write(String(repeating: "x", count: 300_000), to: worktree + "/node_modules/lib/index.js")
            try fixture.write(String(repeating: "x", count: 300_000), to: worktree + "/plain/data.bin")
            try await fixture.runner("tidy")
            #expect(FileManager.default.fileExists(atPath: worktree + "/node_modules/lib/index.js"))
            #expect(try await fixture.runner("repo", "update", repository, "--quota", "1K").status == 0)
            try await fixture.runner("tidy", extra: ["RUNNER_HARD_LIMIT": "1s"])
            #expect(!FileManager.default.fileExists(atPath: worktree + "/node_modules"))
            #expect(FileManager.default.fileExists(atPath: worktree + "/plain/data.bin"))
            #expect(FileManager.default.fileExists(atPath: worktree + "/new/untracked.txt"))
            #expect(try await fixture.runner("events", "1").out.contains("environment.trimmed"))
        }
    }

    @Test("after undo window and retention the disk holds what the clone alone needs, and no live commit is lost")
    func diskReturns() async throws {
        let noWindows = [
            "RUNNER_UNDO_WINDOW": "0s", "RUNNER_SNAPSHOT_RETENTION": "0s", "RUNNER_PRUNE_AGE": "0s",
            "RUNNER_MAINTENANCE_INTERVAL": "0s", "RUNNER_DISK_RESERVE": "0",
        ]
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: [".gitignore": "*.log\n"])
            try await fixture.run("/bin/sh", ["-c", "head -c 12000000 /dev/urandom > big.bin"], in: repository)
            try await fixture.git("add", "-A", in: repository)
            try await fixture.git("commit", "-q", "-m", "big", in: repository)
            try await fixture.runner("start", repository, "echo b > b.txt", "--workflow", "script")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try await fixture.run("/bin/sh", ["-c", "head -c 6000000 /dev/urandom > '\(worktree)/noise.log'"])
            let tip = try await fixture.git("rev-parse", "HEAD", in: worktree)
            #expect(try await clean(fixture, ["RUNNER_SNAPSHOT_RETENTION": "0s"]).first?.outcome == "removed")
            try await fixture.runner("tidy")
            let hubs = fixture.home + "/hubs"
            let hub = try #require(
                try FileManager.default.contentsOfDirectory(atPath: hubs).first { $0.hasSuffix(".git") })
            let used = { try await self.bytes(fixture, ["hubs", "trash", "worktrees"]) }
            // The control: within its undo window the trash holds the worktree, and the clone its snapshot.
            #expect(try await used() > 12_000_000 + 18_000_000 + 6_000_000)
            #expect(try await !self.looseReferences(fixture, "\(hubs)/\(hub)").isEmpty)
            #expect(try await fixture.runner("restore", "1").status == 0)
            #expect(try await clean(fixture, noWindows).first?.outcome == "removed")
            var needed = 0
            try await fixture.eventually("the disk is given back") {
                try await fixture.runner("tidy", extra: noWindows)
                let alone = fixture.root + "/alone"
                try? FileManager.default.removeItem(atPath: alone)
                try await fixture.git("clone", "-q", "--mirror", "file://\(hubs)/\(hub)", alone, in: fixture.root)
                needed = try await self.bytes(fixture, ["../../alone"])
                return try await used() <= needed * 105 / 100
            }
            #expect(needed > 12_000_000)
            #expect(try await self.looseReferences(fixture, "\(hubs)/\(hub)") == [])
            #expect(try await fixture.runner("snapshots", "1", "--quiet").out == "")
            #expect(try await fixture.git("cat-file", "-t", tip, in: "\(hubs)/\(hub)") == "commit")
            try await fixture.git("fsck", "--connectivity-only", in: "\(hubs)/\(hub)")
        }
    }

    /// References that have a file each; one that names another reference always has.
    private func looseReferences(_ fixture: RunnerFixture, _ hub: String) async throws -> [Substring] {
        try await fixture.run("/usr/bin/find", [hub + "/refs", "-type", "f", "!", "-name", "HEAD"]).out
            .split(separator: "\n")
    }

    private func bytes(_ fixture: RunnerFixture, _ folders: [String]) async throws -> Int {
        let paths = folders.map { "\(fixture.home)/\($0)" }
        let out = try await fixture.run("/usr/bin/du", ["-s", "-B1", "-c"] + paths).out
        return Int(out.split(separator: "\n").last?.split(separator: "\t").first ?? "") ?? 0
    }
}
