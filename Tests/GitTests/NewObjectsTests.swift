import CLibgit2
import Foundation
import Testing

@testable import Git

@Suite struct NewObjectsTests {
    @Test("what commits bring is what git lists, with merges, moves, reverts and submodules")
    func sameAsGit() async throws {
        try await GitFixture.with { fixture, base in
            let odd = fixture.root + "/odd"
            try await fixture.git("clone", "-q", fixture.origin, odd, in: fixture.root)
            try fixture.write("first\n", odd + "/deep/er/first.txt")
            try fixture.write("other\n", odd + "/deep/other.txt")
            try await commit("one", fixture, odd)
            try await fixture.git("checkout", "-q", "-b", "side", in: odd)
            try fixture.write("second\n", odd + "/deep/er/first.txt")
            try await fixture.git("mv", "deep/other.txt", "moved.txt", in: odd)
            try await commit("moved", fixture, odd)
            try await fixture.git("update-index", "--add", "--cacheinfo", "160000,\(base.hex),module", in: odd)
            try await fixture.git("commit", "-q", "-m", "module", in: odd)
            try await fixture.git("checkout", "-q", "main", in: odd)
            try fixture.write("third\n", odd + "/deep/er/third.txt")
            try await commit("two", fixture, odd)
            try await fixture.git("merge", "-q", "--no-edit", "side", in: odd)
            try await fixture.git("revert", "--no-edit", "HEAD~1", in: odd)

            let commits = lines(try await fixture.git("rev-list", "\(base.hex)..main", in: odd))
            let repository = try GitRepository(gitDirectory: odd + "/.git", bare: false)
            var objects = NewObjects()
            for id in commits { try objects.add(commit: try #require(ObjectID(id)), from: repository) }
            let listed = lines(
                try await fixture.git(
                    "rev-list", "--objects", "--no-object-names", "\(base.hex)..main", in: odd))
            let missing = Set(listed).subtracting(objects.ids.map(\.hex))
            #expect(missing.isEmpty && listed.count > 10)
            #expect(Set(objects.ids).count == objects.ids.count)
            #expect(!objects.ids.contains(base))
            // A revert may bring back what only a boundary's ancestor has; nothing else is beyond git's list.
            #expect(objects.ids.count - listed.count <= 2)
            // Without the first of the commits something is missing.
            var fewer = NewObjects()
            for id in commits.dropLast() { try fewer.add(commit: try #require(ObjectID(id)), from: repository) }
            #expect(!Set(listed).isSubset(of: fewer.ids.map(\.hex)))
        }
    }

    @Test("no object of a random history is left out, whatever the origin has of it", arguments: 1...12)
    func random(seed: Int) async throws {
        try await GitFixture.with { fixture, _ in
            var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
            func draw(_ count: Int) -> Int {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Int(state >> 33) % count
            }
            let paths = ["a", "b", "d/a", "d/b", "d/e/a", "d/e/b", "f/e/a"]
            var stream = ""
            for number in 1...60 {
                stream += "commit refs/heads/n\(number)\nmark :\(number)\n"
                stream += "committer A <a@b> \(1_700_000_000 + number) +0000\ndata 1\nx\n"
                if number > 1 { stream += "from :\(max(1, number - 1 - draw(4)))\n" }
                if number > 6, draw(3) == 0 { stream += "merge :\(1 + draw(number - 5))\n" }
                for _ in 0...draw(2) {
                    let path = paths[draw(paths.count)]
                    stream += draw(4) == 0 ? "D \(path)\n" : "M 100644 inline \(path)\ndata 1\n\(draw(5))\n"
                }
            }
            try fixture.write(stream, fixture.root + "/random")
            try await fixture.git(
                "-c", "alias.take=!git fast-import --quiet < '\(fixture.root)/random'", "take", in: fixture.hub.path)
            let repository = try fixture.hub.open()
            for known in [5, 20, 40, 55] {
                let range = ["refs/heads/n60", "^refs/heads/n\(known)"]
                var objects = NewObjects()
                for id in lines(try await fixture.git("rev-list", range[0], range[1], in: fixture.hub.path)) {
                    try objects.add(commit: try #require(ObjectID(id)), from: repository)
                }
                let listed = lines(
                    try await fixture.git(
                        "rev-list", "--objects", "--no-object-names", range[0], range[1], in: fixture.hub.path))
                let missing = Set(listed).subtracting(objects.ids.map(\.hex))
                #expect(missing.isEmpty && !listed.isEmpty, "known \(known)")
            }
        }
    }

    @Test("large files that a task made are not searched for deltas on their way to the origin")
    func noDeltas() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            let text = (0..<4_000).map { "line \($0 * 7919 % 10_007)\n" }.joined()
            for number in 0..<120 { try fixture.write(text + "\(number)\n", "\(worktree.path)/large-\(number)") }
            _ = try fixture.commit(worktree)
            _ = try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: "runner/one")
            let folder = fixture.origin + "/.git/objects/pack"
            #expect(try await deltas(fixture, folder) == 0)
            // The same objects, packed by git, are mostly deltas: a search would show here.
            try await fixture.git("repack", "-adfq", in: fixture.origin)
            #expect(try await deltas(fixture, folder) > 100)
        }
    }

    /// How many objects of the packs are deltas.
    private func deltas(_ fixture: GitFixture, _ folder: String) async throws -> Int {
        var count = 0
        for name in fixture.files(below: folder) where name.hasSuffix(".idx") {
            let list = try await fixture.git("verify-pack", "-v", "\(folder)/\(name)", in: fixture.origin)
            count += lines(list).count { $0.split(separator: " ").count == 7 }
        }
        return count
    }

    private func commit(_ message: String, _ fixture: GitFixture, _ path: String) async throws {
        try await fixture.git("add", "-A", in: path)
        try await fixture.git("commit", "-q", "-m", message, in: path)
    }

    private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    @Test("a tree deeper than a thread's stack is published")
    func deep() async throws {
        try await GitFixture.with { fixture, base in
            let repository = try fixture.hub.open()
            var tree = try #require(
                ObjectID(try await fixture.git("rev-parse", "\(base):dir", in: fixture.hub.path).trimmed))
            let odb = try gitPointer("open the objects") { git_repository_odb(&$0, repository.pointer) }
            defer { git_odb_free(odb) }
            for _ in 0..<20_000 {
                let entry = Array("40000 d\0".utf8) + withUnsafeBytes(of: tree.oid.id) { Array($0) }
                var id = git_oid()
                try git("write a tree") { git_odb_write(&id, odb, entry, entry.count, GIT_OBJECT_TREE) }
                tree = ObjectID(id)
            }
            let commit = try repository.createCommit(
                tree: tree, parents: [base], message: "deep\n", author: GitFixture.person, committer: GitFixture.person)
            try repository.setReference("refs/heads/runner/one", to: commit)
            #expect(try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: "runner/one") == commit)
            #expect(try await fixture.git("cat-file", "-t", tree.hex, in: fixture.origin).trimmed == "tree")
        }
    }
}
