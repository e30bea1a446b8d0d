import CPlatform
import Foundation
import Testing

@testable import Git

@Suite struct LocalOriginPublishTests {
    @Test("a task's branch appears at the origin, which is whole without the hub")
    func creates() async throws {
        try await GitFixture.with { fixture, base in
            let tip = try fixture.taskCommit(base: base)
            #expect(try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: "runner/one") == tip)
            Directory.removeTree(fixture.hub.path)
            Directory.removeTree(fixture.root + "/worktrees")
            #expect(
                try await fixture.references("refs/heads/", in: fixture.origin) == [
                    "main": base.hex, "runner/one": tip.hex,
                ])
            try await fixture.fsck(fixture.origin)
            #expect(try await fixture.git("show", "runner/one:deep/er/work.txt", in: fixture.origin) == "work\n")
            let object = "\(fixture.origin)/.git/objects/\(tip.hex.prefix(2))/\(tip.hex.dropFirst(2))"
            #expect(try fixture.facts(object).st_mode & 0o777 == 0o444)
        }
    }

    @Test("publishing again brings only what is new, and nothing when nothing is")
    func fastForwards() async throws {
        try await GitFixture.with { fixture, base in
            let origin = try fixture.local()
            _ = try fixture.taskCommit(base: base)
            _ = try origin.publish(branch: "runner/one", from: fixture.hub, as: "given/name")
            let worktree = Worktree(hub: fixture.hub, name: "one", path: fixture.root + "/worktrees/one")
            try fixture.write("more\n", worktree.path + "/more.txt")
            let second = try #require(try fixture.commit(worktree, "more\n").tip)
            #expect(try origin.publish(branch: "runner/one", from: fixture.hub, as: "given/name") == second)
            #expect(try await fixture.tip("given/name") == second)
            let files = fixture.files(below: fixture.origin + "/.git").sorted()
            #expect(try origin.publish(branch: "runner/one", from: fixture.hub, as: "given/name") == second)
            #expect(fixture.files(below: fixture.origin + "/.git").sorted() == files)
            Directory.removeTree(fixture.hub.path)
            try await fixture.fsck(fixture.origin)
        }
    }

    @Test(
        "a branch beside which git allows no such name is named, nothing is written, and without it all is well",
        arguments: ["runner", "runner/one/deeper"])
    func nameExcluded(neighbour: String) async throws {
        try await GitFixture.with { fixture, base in
            let tip = try fixture.taskCommit(base: base)
            try await fixture.git("branch", neighbour, in: fixture.origin)
            let files = fixture.files(below: fixture.origin + "/.git").sorted()
            let publish = {
                try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: "runner/one")
            }
            let error = #expect(throws: GitError.self) { try publish() }
            #expect(error?.code == .conflict && error?.message.contains("beside the branch '\(neighbour)'") == true)
            #expect(fixture.files(below: fixture.origin + "/.git").sorted() == files)
            try await fixture.git("branch", "-D", neighbour, in: fixture.origin)
            #expect(try publish() == tip)
        }
    }

    @Test("what the origin has already is not written again")
    func objectsThere() async throws {
        try await GitFixture.with { fixture, base in
            try fixture.hub.open().setReference("refs/heads/runner/same", to: base)
            let files = fixture.files(below: fixture.origin + "/.git/objects").sorted()
            _ = try fixture.local().publish(branch: "runner/same", from: fixture.hub, as: "runner/same")
            #expect(fixture.files(below: fixture.origin + "/.git/objects").sorted() == files)
            #expect(try await fixture.tip("runner/same") == base)
        }
    }

    @Test("few objects come as files and many as one pack, and nothing is left over in the hub")
    func packs() async throws {
        try await GitFixture.with { fixture, base in
            let packs = { fixture.files(below: fixture.origin + "/.git/objects/pack").filter { $0.hasSuffix(".pack") } }
            let before = packs().count
            _ = try fixture.taskCommit(base: base)
            _ = try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: "runner/one")
            #expect(packs().count == before)
            let worktree = Worktree(hub: fixture.hub, name: "one", path: fixture.root + "/worktrees/one")
            for number in 0..<200 { try fixture.write("\(number)\n", "\(worktree.path)/many/\(number)") }
            _ = try fixture.commit(worktree, "many")
            _ = try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: "runner/one")
            #expect(packs().count == before + 1)
            #expect(!fixture.files(below: fixture.hub.path).contains { $0.contains("runner-publish") })
            Directory.removeTree(fixture.hub.path)
            try await fixture.fsck(fixture.origin)
        }
    }

    @Test("work on top of another task's branch arrives whole; a long history that a tag has is not copied again")
    func boundary() async throws {
        try await GitFixture.with { fixture, base in
            let one = try fixture.taskCommit("one\n", base: base, name: "one")
            _ = try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: "runner/one")
            _ = try fixture.taskCommit("two\n", base: one, name: "two")
            _ = try fixture.local().publish(branch: "runner/two", from: fixture.hub, as: "runner/two")
            #expect(try await fixture.git("rev-list", "--count", "runner/two", in: fixture.origin) == "3\n")

            var stream = ""
            for number in 1...1_100 {
                stream += "commit refs/tags/long\ncommitter A <a@b> \(1_700_000_000 + number) +0000\ndata 1\nx\n"
                stream += "M 100644 inline n\ndata \("\(number)".utf8.count)\n\(number)\n"
            }
            try fixture.write(stream, fixture.root + "/long")
            try await fixture.git(
                "-c", "alias.take=!git fast-import --quiet < '\(fixture.root)/long'", "take", in: fixture.origin)
            _ = try await fixture.fetch()
            _ = try fixture.local().mirror(into: fixture.hub)
            let tag = try #require(try fixture.hub.open().reference("refs/tags/long"))
            let tip = try fixture.taskCommit("three\n", base: tag, name: "three")
            let objects = fixture.files(below: fixture.origin + "/.git/objects").count
            _ = try fixture.local().publish(branch: "runner/three", from: fixture.hub, as: "runner/three")
            #expect(try await fixture.tip("runner/three") == tip)
            #expect(fixture.files(below: fixture.origin + "/.git/objects").count < objects + 20)
            Directory.removeTree(fixture.hub.path)
            try await fixture.fsck(fixture.origin)
        }
    }

    @Test("a merge with history that the origin lacks arrives whole")
    func merges() async throws {
        try await GitFixture.with { fixture, base in
            _ = try fixture.taskCommit("one\n", base: base, name: "one")
            let two = try fixture.taskCommit("two\n", base: base, name: "two")
            let worktree = fixture.root + "/worktrees/two"
            try await fixture.git(
                "merge", "-q", "-s", "ours", "--no-edit", "--allow-unrelated-histories", "runner/one", in: worktree)
            #expect(try fixture.hub.open().reference("refs/heads/runner/two") != two)
            _ = try fixture.local().publish(branch: "runner/two", from: fixture.hub, as: "runner/two")
            Directory.removeTree(fixture.hub.path)
            try await fixture.fsck(fixture.origin)
            #expect(try await fixture.git("rev-list", "--count", "runner/two", in: fixture.origin) == "4\n")
        }
    }

    @Test("a bare repository, a linked worktree's, one with alternates and a detached head are published to")
    func otherForms() async throws {
        try await GitFixture.with { fixture, base in
            let tip = try fixture.taskCommit(base: base)
            try await fixture.git("clone", "-q", "--bare", fixture.origin, "bare.git", in: fixture.root)
            try await fixture.git("clone", "-q", "--shared", fixture.origin, "shared", in: fixture.root)
            try await fixture.git("clone", "-q", fixture.origin, "detached", in: fixture.root)
            try await fixture.git("checkout", "-q", "--detach", in: fixture.root + "/detached")
            try await fixture.git("worktree", "add", "-q", "-b", "side", "../linked", in: fixture.origin)
            for name in ["bare.git", "shared", "detached", "linked"] {
                let path = fixture.root + "/" + name
                _ = try fixture.local(path).publish(branch: "runner/one", from: fixture.hub, as: "runner/one")
                #expect(try await fixture.tip("runner/one", in: path) == tip, "\(name)")
                try await fixture.fsck(path)
            }
        }
    }

    @Test("a shallow clone is published to, and a branch there fast-forwards")
    func shallow() async throws {
        try await GitFixture.with { fixture, _ in
            for text in ["two\n", "three\n"] { try await fixture.commitInOrigin(text) }
            let path = fixture.root + "/shallow"
            try await fixture.git("clone", "-q", "--depth", "1", "file://" + fixture.origin, path, in: fixture.root)
            let hub = try fixture.emptyHub()
            _ = try fixture.mirror(path, into: hub)
            let base = try await fixture.tip("HEAD", in: path)
            let worktree = try Worktree.add(
                hub: hub, name: "one", path: fixture.root + "/worktrees/one", branch: "runner/one", base: base)
            for text in ["first\n", "second\n"] {
                try fixture.write(text, worktree.path + "/work.txt")
                let tip = try #require(try fixture.commit(worktree, text).tip)
                #expect(try fixture.local(path).publish(branch: "runner/one", from: hub, as: "runner/one") == tip)
                try await fixture.fsck(path)
            }
        }
    }

    @Test("a branch that went back is followed where all that it leaves is kept, and nowhere else")
    func wentBack() async throws {
        try await GitFixture.with { fixture, base in
            let origin = try fixture.local()
            let first = try fixture.taskCommit(base: base)
            _ = try origin.publish(branch: "runner/one", from: fixture.hub, as: "runner/one")
            let repository = try fixture.hub.open()
            let second = try fixture.taskCommit("otherwise\n", base: base, name: "two")
            try repository.setReference("refs/heads/runner/one", to: second)
            let publish = { (kept: String?) throws -> ObjectID in
                try origin.publish(branch: "runner/one", from: fixture.hub, as: "runner/one", kept: kept)
            }
            for kept in [nil, "refs/runner/1/"] {
                let error = #expect(throws: GitError.self) { _ = try publish(kept) }
                #expect(error?.code == .conflict)
            }
            try repository.setReference("refs/runner/1/1/script.1", to: first)
            #expect(try publish("refs/runner/1/") == second)
            #expect(try await fixture.tip("runner/one") == second)
            // What somebody added there is kept nowhere else.
            try await fixture.git("checkout", "-q", "runner/one", in: fixture.origin)
            let added = try await fixture.commitInOrigin("mine\n")
            try await fixture.git("checkout", "-q", "main", in: fixture.origin)
            try repository.setReference("refs/heads/runner/one", to: first)
            let error = #expect(throws: GitError.self) { _ = try publish("refs/runner/1/") }
            #expect(error?.code == .conflict)
            #expect(try await fixture.tip("runner/one") == added)
        }
    }

    @Test("a branch that the task does not have is not published")
    func missing() async throws {
        try await GitFixture.with { fixture, _ in
            let error = #expect(throws: GitError.self) {
                try fixture.local().publish(branch: "runner/none", from: fixture.hub, as: "runner/none")
            }
            #expect(error?.code == .notFound)
            let branches = try await fixture.references("refs/heads/", in: fixture.origin)
            #expect(Array(branches.keys) == ["main"])
        }
    }

    @Test(
        "files that root writes belong to the owner of the repository afterwards", .enabled(if: geteuid() == 0),
        arguments: [false, true])
    func ownership(bare: Bool) async throws {
        try await GitFixture.with { fixture, base in
            let path = fixture.root + "/theirs"
            try await fixture.git(
                "clone", "-q", bare ? "--bare" : "--no-hardlinks", fixture.origin, path, in: fixture.root)
            let store = bare ? path : path + "/.git"
            let all = { [path] + (FileManager.default.enumerator(atPath: path)?.map { "\(path)/\($0)" } ?? []) }
            for entry in all() { try #require(lchown(entry, 65534, 65534) == 0) }
            let origin = try fixture.local(path)
            for text in ["one\n", "two\n"] {
                if text == "one\n" { _ = try fixture.taskCommit(base: base) }
                let worktree = Worktree(hub: fixture.hub, name: "one", path: fixture.root + "/worktrees/one")
                try fixture.write(text, worktree.path + "/more.txt")
                _ = try fixture.commit(worktree)
                _ = try origin.publish(branch: "runner/one", from: fixture.hub, as: "runner/deep/one")
            }
            #expect(fixture.exists(store + "/logs/refs/heads/runner/deep/one"))
            for entry in all() { #expect(try fixture.facts(entry).st_uid == 65534, "\(entry)") }
            // Without the adoption the reference would be root's.
            try origin.open().createReference("refs/heads/control", at: base)
            #expect(try fixture.facts(store + "/refs/heads/control").st_uid == 0)
        }
    }
}
