import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Git

@Suite struct SpareTests {
    private func claim(_ fixture: GitFixture, _ name: String, _ base: ObjectID) throws -> Worktree {
        try Worktree.add(
            hub: fixture.hub, name: name, path: "\(fixture.root)/worktrees/\(name)", branch: "runner/\(name)",
            base: base,
            spares: fixture.root + "/spares")
    }

    private func spares(_ fixture: GitFixture) -> [Spare] {
        Spare.list(hub: fixture.hub, folder: fixture.root + "/spares")
    }

    @Test("a claimed spare is what a fresh checkout is, and is claimed once")
    func claimed() async throws {
        try await GitFixture.with { fixture, base in
            let spare = try Spare.make(hub: fixture.hub, folder: fixture.root + "/spares", commit: base)
            #expect(spares(fixture) == [spare])
            let worktree = try claim(fixture, "one", base)
            #expect(spares(fixture).isEmpty)
            #expect(!fixture.exists(spare.worktree.path))
            #expect(!fixture.exists(spare.worktree.adminPath))
            let fresh = try claim(fixture, "two", base)
            #expect(try TreeListing.of(worktree.path) == TreeListing.of(fresh.path))
            #expect(worktree.verifyLink())
            #expect(try worktree.open().head() == .branch("refs/heads/runner/one", base))
            #expect(try await fixture.status(worktree) == "")
            #expect(try Status.dirtyPaths(worktree).isEmpty)
            let list = try await fixture.git("worktree", "list", "--porcelain", in: fixture.hub.path)
            #expect(list.contains("worktree \(worktree.path)\nHEAD \(base)\nbranch refs/heads/runner/one\n"))
            #expect(!list.contains("spare"))
            try fixture.write("more\n", worktree.path + "/new.txt")
            #expect(try fixture.commit(worktree).tip != base)
            try await fixture.fsck()
        }
    }

    @Test("a spare that is behind or ahead gets exactly what differs", arguments: [true, false])
    func behind(attributes: Bool) async throws {
        try await GitFixture.with(
            files: ["keep": "1", "change": "1\n", "gone/away": "1", "kind": "file", "turn/x": "1", "mode.sh": "#!\n"]
        ) { fixture, first in
            let origin = fixture.origin
            Directory.removeTree(origin + "/gone")
            Directory.removeTree(origin + "/turn")
            unlink(origin + "/kind")
            symlink("keep", origin + "/turn")
            try fixture.write("now a folder\n", origin + "/kind/inner")
            try fixture.write("2\n", origin + "/change")
            chmod(origin + "/mode.sh", 0o755)
            try fixture.write("new\n", origin + "/new/deep/file")
            if attributes { try fixture.write("* eol=crlf\n", origin + "/.gitattributes") }
            try await fixture.git("-c", "core.autocrlf=false", "add", "-A", in: origin)
            try await fixture.git("commit", "-qm", "second", in: origin)
            let second = try await fixture.fetch()
            for (number, (from, to)) in [(first, second), (second, first)].enumerated() {
                _ = try Spare.make(hub: fixture.hub, folder: fixture.root + "/spares", commit: from)
                let worktree = try claim(fixture, "claimed\(number)", to)
                let fresh = try claim(fixture, "fresh\(number)", to)
                #expect(try TreeListing.of(worktree.path) == TreeListing.of(fresh.path))
                #expect(try await fixture.status(worktree) == "")
                #expect(
                    try await fixture.git("ls-files", "-s", in: worktree.path)
                        == fixture.git("ls-files", "-s", in: fresh.path))
                try await fixture.git("fsck", in: worktree.path)
                _ = try Spare.make(hub: fixture.hub, folder: fixture.root + "/spares", commit: from).follow(to)
                #expect(spares(fixture).map(\.commit) == [to])
                #expect(try spares(fixture)[0].remove())
            }
        }
    }

    @Test("many claims at once share the spares out, each to one")
    func sharedOut() async throws {
        try await GitFixture.with { fixture, base in
            for _ in 0..<4 { _ = try Spare.make(hub: fixture.hub, folder: fixture.root + "/spares", commit: base) }
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 12) { number in
                do { _ = try claim(fixture, "w\(number)", base) } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
            #expect(failures.withLock { $0 } == [])
            #expect(spares(fixture).isEmpty)
            for number in 0..<12 {
                let worktree = Worktree(
                    hub: fixture.hub, name: "w\(number)", path: "\(fixture.root)/worktrees/w\(number)")
                #expect(try worktree.open().head() == .branch("refs/heads/runner/w\(number)", base))
                #expect(try await fixture.status(worktree) == "")
            }
            try await fixture.fsck()
        }
    }

    @Test("a spare that was not finished is never claimed, and is purged")
    func unfinished() async throws {
        try await GitFixture.with { fixture, base in
            let folder = fixture.root + "/spares"
            let half = try Spare.make(hub: fixture.hub, folder: folder, commit: base)
            let whole = try Spare.make(hub: fixture.hub, folder: folder, commit: base)
            unlink(half.worktree.adminPath + "/runner-spare")
            unlink(half.worktree.path + "/a.txt")
            // A claim that was killed between its two renames.
            mkdir(folder + "/orphan", 0o755)
            #expect(spares(fixture) == [whole])
            try Spare.purge(hub: fixture.hub, folder: folder)
            #expect(!fixture.exists(half.worktree.path))
            #expect(!fixture.exists(half.worktree.adminPath))
            #expect(!fixture.exists(folder + "/orphan"))
            let worktree = try claim(fixture, "one", base)
            #expect(fixture.exists(worktree.path + "/a.txt"))
            #expect(!fixture.exists(whole.worktree.path))
        }
    }
}
