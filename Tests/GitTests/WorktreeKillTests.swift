import CPlatform
import Dispatch
import Foundation
import Subprocess
import Synchronization
import TestSupport
import Testing

@testable import Git

/// What a process that is killed while it makes a worktree leaves, and that it is all taken away again.
@Suite struct WorktreeKillTests {
    static let rounds = ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] == nil ? 6 : 200

    @Test("a creation that is killed at a random instant leaves nothing that cannot be reclaimed")
    func killed() async throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["SEED"] ?? "") ?? .random(in: 0..<1 << 40)
        print("SEED=\(seed) of \(Self.rounds) kills")
        var numbers = SeededGenerator(seed: seed)
        let files = Dictionary(uniqueKeysWithValues: (0..<300).map { ("d\($0 % 9)/f\($0)", "\($0)\n") })
        try await GitFixture.with(files: files) { fixture, base in
            for round in 0..<Self.rounds {
                let delay = UInt32.random(in: 0..<40_000, using: &numbers)
                await #expect(processExitsWith: .signal(SIGKILL)) {
                    [
                        root = fixture.root as String, base = base.hex as String, round = round as Int,
                        delay = delay as UInt32,
                    ] in
                    let fixture = GitFixture(root: root, hub: Hub(path: root + "/hubs/one.git"))
                    let commit = try #require(ObjectID(base))
                    Thread.detachNewThread {
                        usleep(delay)
                        kill(getpid(), SIGKILL)
                    }
                    // One of many, so that the kill falls into the middle of one however slow the machine is.
                    for number in 0... { _ = try fixture.add("r\(round)-\(number)", base: commit) }
                }
                try await reclaim(fixture, base)
            }
            try await fixture.fsck()
        }
    }

    /// Reclaims every worktree, as the engine does with those whose rows say that they were never finished.
    private func reclaim(_ fixture: GitFixture, _ base: ObjectID) async throws {
        let hub = fixture.hub.path
        let folders = (try? FileManager.default.contentsOfDirectory(atPath: fixture.root + "/worktrees")) ?? []
        let admins = (try? FileManager.default.contentsOfDirectory(atPath: hub + "/worktrees")) ?? []
        let heads = try FileManager.default.subpathsOfDirectory(atPath: hub + "/refs/heads").compactMap { path in
            path.hasPrefix("runner/") ? String(path.dropFirst(7)).replacing(".lock", with: "") : nil
        }
        for name in Set(folders + admins + heads) {
            let path = "\(fixture.root)/worktrees/\(name)"
            let worktree = Worktree(hub: fixture.hub, name: name, path: path)
            Directory.removeTree(path)
            try worktree.reclaim(branch: "runner/\(name)", base: base)
            // The same name serves again at once, and is whole.
            let again = try fixture.add(name, base: base)
            if name.hasSuffix("-0") { #expect(try await fixture.status(again) == "") }
            Directory.removeTree(path)
            try again.reclaim(branch: "runner/\(name)", base: base)
        }
        #expect(try fixture.hub.open().references(matching: "refs/heads/*").isEmpty)
        let leftovers = try FileManager.default.subpathsOfDirectory(atPath: hub).filter { $0.hasSuffix(".lock") }
        #expect(leftovers.filter { $0 != "runner.lock" } == [])
        #expect(try await fixture.git("worktree", "list", in: hub).split(separator: "\n").count == 1)
    }

    @Test("locks of a killed git are taken away before the next step; those of a living one are not")
    func staleLocks() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("", worktree.adminPath + "/index.lock")
            #expect(try worktree.repairAdmin(branch: "runner/one", tip: base))
            #expect(!fixture.exists(worktree.adminPath + "/index.lock"))
            #expect(try await fixture.status(worktree) == "")
            // Those in the hub stop git in all its worktrees.
            let shared = ["config.lock", "packed-refs.lock", "refs/heads/runner/one.lock"]
            for lock in shared { try fixture.write("", "\(fixture.hub.path)/\(lock)") }
            #expect(worktree.hub.clearStaleLocks(branch: "runner/one"))
            #expect(shared.allSatisfy { !fixture.exists("\(fixture.hub.path)/\($0)") })
            #expect(!worktree.hub.clearStaleLocks(branch: "runner/one"))
            // A lock that changes belongs to somebody who lives.
            let lock = worktree.adminPath + "/index.lock"
            try fixture.write("", lock)
            // A thread of its own: tasks wait for the threads that other tests block.
            let ends = Mutex(false)
            defer { ends.withLock { $0 = true } }
            Thread.detachNewThread {
                while !ends.withLock({ $0 }) {
                    utimensat(AT_FDCWD, lock, nil, 0)
                    usleep(5_000)
                }
            }
            #expect(!StaleLock.clear(lock))
            #expect(fixture.exists(lock))
        }
    }

    @Test("a branch's lock of a killed process does not stop the next creation")
    func staleBranchLock() async throws {
        try await GitFixture.with { fixture, base in
            try fixture.write("", fixture.hub.path + "/refs/heads/runner/one.lock")
            let worktree = try fixture.add(base: base)
            #expect(try await fixture.status(worktree) == "")
            #expect(!fixture.exists(fixture.hub.path + "/refs/heads/runner/one.lock"))
        }
    }
}
