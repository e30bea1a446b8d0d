import CPlatform
import Dispatch
import Foundation
import Subprocess
import Synchronization
import Testing

@testable import Git

@Suite struct WorktreeTests {
    @Test("a new worktree is a clean checkout that git knows, on a branch without upstream")
    func add() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            #expect(try await fixture.status(worktree) == "")
            #expect(try await fixture.git("branch", "--show-current", in: worktree.path) == "runner/one\n")
            #expect(try await fixture.git("rev-parse", "HEAD", in: worktree.path) == base.hex + "\n")
            let list = try await fixture.git("worktree", "list", "--porcelain", in: fixture.hub.path)
            #expect(list.contains("worktree \(worktree.path)\nHEAD \(base)\nbranch refs/heads/runner/one\n"))
            #expect(
                try String(contentsOfFile: worktree.linkPath, encoding: .utf8)
                    == "gitdir: \(fixture.hub.path)/worktrees/one\n")
            #expect(worktree.verifyLink())
            #expect(Directory.read(fixture.hub.path + "/config") == Array(Hub.configuration.utf8))
            try await fixture.fsck()
        }
    }

    @Test("a branch, a name or a directory that is taken is an error that takes nothing away")
    func taken() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            let attempts = [
                ("two", "\(fixture.root)/worktrees/two", "runner/one"),
                ("one", "\(fixture.root)/worktrees/two", "runner/two"),
                ("two", worktree.path, "runner/two"),
                ("two", "\(fixture.root)/worktrees/two", "runner"),
                ("two", "\(fixture.root)/worktrees/two", "runner/one/deeper"),
                ("../two", "\(fixture.root)/worktrees/two", "runner/two"),
                ("two", "relative", "runner/two"),
                ("two", "\(fixture.root)/worktrees/two", "bad..name"),
            ]
            for (name, path, branch) in attempts {
                #expect(throws: GitError.self, "\(name) \(path) \(branch)") {
                    try Worktree.add(hub: fixture.hub, name: name, path: path, branch: branch, base: base)
                }
            }
            #expect(
                try fixture.hub.open().references(matching: "refs/heads/*").map(\.name) == ["refs/heads/runner/one"])
            #expect(!fixture.exists("\(fixture.root)/worktrees/two"))
            #expect(!fixture.exists(fixture.hub.path + "/worktrees/two"))
            #expect(try await fixture.status(worktree) == "")
        }
    }

    @Test("what was taken from the directory and its link file is given back, and nothing else is changed")
    func access() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            let mode = { (path: String) throws in try fixture.facts(path).st_mode & 0o7777 }
            let before = try mode(worktree.path)
            #expect(!worktree.repairAccess())
            chmod(worktree.path, 0o555)
            #expect(!worktree.repairAccess())
            #expect(try mode(worktree.path) == 0o555)
            chmod(worktree.linkPath, 0)
            #expect(try worktree.repairLink())
            #expect(try mode(worktree.linkPath) == 0o600)
            chmod(worktree.path, 0o077)
            #expect(worktree.repairAccess())
            #expect(try mode(worktree.path) == 0o777)
            chmod(worktree.path, before)
            #expect(try await fixture.status(worktree) == "")
        }
    }

    @Test("a base that is no commit leaves nothing behind")
    func noBase() async throws {
        try await GitFixture.with { fixture, _ in
            let nowhere = try #require(ObjectID(String(repeating: "1", count: 40)))
            #expect(throws: GitError.self) { try fixture.add(base: nowhere) }
            #expect(try fixture.hub.open().references(matching: "refs/heads/*").isEmpty)
            #expect(!fixture.exists(fixture.root + "/worktrees"))
        }
    }

    @Test(
        "a tree with a look-alike of .git is not checked out, and nothing is left",
        arguments: [".g\u{200C}it", "git~1", ".GIT", ".git "])
    func lookAlike(name: String) async throws {
        try await GitFixture.with { fixture, _ in
            let hub = fixture.hub.path
            let blob = try await fixture.git("hash-object", "-w", "--stdin", in: hub, input: "x").trimmed
            let inner = try await fixture.git("mktree", in: hub, input: "100644 blob \(blob)\tconfig\n").trimmed
            let tree = try await fixture.git("mktree", in: hub, input: "040000 tree \(inner)\t\(name)\n").trimmed
            let text = try await fixture.git("commit-tree", tree, "-m", "x", in: hub)
            let base = try #require(ObjectID(text.trimmed))
            #expect(throws: GitError.self) { try fixture.add(base: base) }
            #expect(!fixture.exists(fixture.root + "/worktrees/one"))
            #expect(!fixture.exists(fixture.hub.path + "/worktrees/one"))
            #expect(try fixture.hub.open().references(matching: "refs/heads/*").isEmpty)
        }
    }

    @Test("without the protection, the look-alike would be checked out")
    func lookAlikeUnprotected() async throws {
        try await GitFixture.with { fixture, base in
            let hub = fixture.hub.path
            let blob = try await fixture.git("hash-object", "-w", "--stdin", in: hub, input: "x").trimmed
            let inner = try await fixture.git("mktree", in: hub, input: "100644 blob \(blob)\tconfig\n").trimmed
            let tree = try await fixture.git("mktree", in: hub, input: "040000 tree \(inner)\t.g\u{200C}it\n").trimmed
            let bad = try #require(ObjectID(try await fixture.git("commit-tree", tree, "-m", "x", in: hub).trimmed))
            let worktree = try fixture.add(base: base)
            _ = try Checkout(worktree: worktree, commit: bad, protects: false).run()
            #expect(fixture.exists(worktree.path + "/.g\u{200C}it/config"))
        }
    }

    @Test("a hundred creations at once all succeed")
    func manyAtOnce() async throws {
        try await GitFixture.with { fixture, base in
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 100) { number in
                do { _ = try fixture.add("w\(number)", base: base) } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
            #expect(failures.withLock { $0 } == [])
            #expect(try fixture.hub.open().references(matching: "refs/heads/*").count == 100)
            let list = try await fixture.git("worktree", "list", in: fixture.hub.path)
            #expect(list.split(separator: "\n").count == 101)
            for number in [0, 50, 99] {
                let worktree = Worktree(
                    hub: fixture.hub, name: "w\(number)", path: "\(fixture.root)/worktrees/w\(number)")
                #expect(try await fixture.status(worktree) == "")
            }
            try await fixture.fsck()
        }
    }

    @Test("a hundred creations from ten processes at once all succeed and are right")
    func manyProcesses() async throws {
        try await GitFixture.with { fixture, base in
            await withTaskGroup(of: Void.self) { group in
                for process in 0..<10 {
                    group.addTask {
                        await #expect(processExitsWith: .success) {
                            [root = fixture.root as String, base = base.hex as String, process = process as Int] in
                            let fixture = GitFixture(root: root, hub: Hub(path: root + "/hubs/one.git"))
                            let commit = try #require(ObjectID(base))
                            DispatchQueue.concurrentPerform(iterations: 10) { number in
                                guard (try? fixture.add("p\(process)-\(number)", base: commit)) != nil else { exit(1) }
                            }
                        }
                    }
                }
            }
            let list = try await fixture.git("worktree", "list", "--porcelain", in: fixture.hub.path)
            for process in 0..<10 {
                for number in 0..<10 {
                    let name = "p\(process)-\(number)"
                    let path = "\(fixture.root)/worktrees/\(name)"
                    let worktree = Worktree(hub: fixture.hub, name: name, path: path)
                    #expect(list.contains("worktree \(path)\nHEAD \(base)\nbranch refs/heads/runner/\(name)\n"))
                    #expect(worktree.verifyLink())
                    #expect(try worktree.open().head() == .branch("refs/heads/runner/\(name)", base))
                    #expect(try TreeListing.of(path).count == 4)
                }
            }
            #expect(try fixture.hub.open().references(matching: "refs/heads/*").count == 100)
            #expect(!list.contains("prunable"))
            try await fixture.fsck()
        }
    }

    @Test("a creation waits while another process holds the hub's lock")
    func lockAcrossProcesses() async throws {
        try await GitFixture.with { fixture, base in
            let held = fixture.root + "/held"
            let lock = fixture.hub.path + "/runner.lock"
            let script = "flock \(lock) sh -c 'touch \(held); while [ -e \(held) ]; do sleep 0.05; done'"
            async let holder = run(
                .name("sh"), arguments: ["-c", script], environment: .custom(GitFixture.environment),
                output: .discarded)
            try await wait { fixture.exists(held) }
            let finished = Mutex(false)
            DispatchQueue.global().async {
                _ = try? fixture.add(base: base)
                finished.withLock { $0 = true }
            }
            try await wait { waitsForLock(lock) }
            #expect(!finished.withLock { $0 })
            #expect(try fixture.hub.open().references(matching: "refs/heads/*").isEmpty)
            unlink(held)
            _ = try await holder
            try await wait { finished.withLock { $0 } }
        }
    }

    @Test("a worktree opens without its link file, and by nothing that the directory says")
    func trustedOpen() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            unlink(worktree.linkPath)
            #expect(!worktree.verifyLink())
            #expect(try worktree.open().gitDirectory == worktree.adminPath)
            #expect(try worktree.repairLink())
            unlink(worktree.linkPath)
            for broken in ["gitdir: /nonexistent\n", "gitdir: ../nonexistent", "nonsense", ""] {
                try fixture.write(broken, worktree.linkPath)
                #expect(!worktree.verifyLink())
                #expect(try worktree.repairLink(), "\(broken)")
            }
            // What leads to another repository is somebody's will, and may be the only way to it.
            try fixture.write("gitdir: \(fixture.origin)/.git\n", worktree.linkPath)
            #expect(try !worktree.repairLink())
            unlink(worktree.linkPath)
            try await fixture.git("init", "-q", in: worktree.path)
            #expect(try !worktree.repairLink())
            #expect(try worktree.open().gitDirectory == worktree.adminPath)
            #expect(try fixture.checkpoint(worktree).changed == false)
        }
    }

    @Test("a worktree whose pointer to the hub was changed is refused")
    func changedPointer() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write(fixture.origin + "/.git\n", worktree.adminPath + "/commondir")
            let error = #expect(throws: GitError.self) { _ = try worktree.open().gitDirectory }
            #expect(error?.code == .modified)
        }
    }

    @Test("the administrative folder goes, comes back, and the status is right again")
    func adminRoundTrip() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try worktree.removeAdmin()
            try worktree.removeAdmin()
            #expect(!fixture.exists(worktree.adminPath))
            unlink(worktree.linkPath)
            try worktree.recreateAdmin(head: .branch("refs/heads/runner/one", base))
            try worktree.resetIndex(to: base)
            #expect(try await fixture.status(worktree) == "")
            try fixture.write("changed\n", worktree.path + "/a.txt")
            #expect(try await fixture.status(worktree) == " M a.txt\n")
            let error = #expect(throws: GitError.self) { try worktree.recreateAdmin(head: .detached(base)) }
            #expect(error?.code == .exists)
        }
    }

    private func wait(until condition: () -> Bool) async throws {
        let limit = ContinuousClock.now + .seconds(30)
        while !condition() {
            try #require(ContinuousClock.now < limit)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Whether the kernel says that this process waits for the lock on `path`.
    private func waitsForLock(_ path: String) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else {
            return false
        }
        return locks.split(separator: "\n").contains { line in
            line.contains("->") && line.contains(" \(getpid()) ") && line.contains(":\(status.st_ino) ")
        }
    }
}
