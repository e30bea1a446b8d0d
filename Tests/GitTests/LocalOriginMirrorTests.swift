import Foundation
import Testing

@testable import Git

@Suite struct LocalOriginMirrorTests {
    @Test("loose and packed objects, branches in folders and all kinds of tags arrive")
    func everything() async throws {
        try await GitFixture.with { fixture, base in
            let origin = fixture.origin
            try await fixture.git("branch", "feature/deep/one", in: origin)
            try await fixture.git("repack", "-adq", in: origin)
            try await fixture.git("pack-refs", "--all", in: origin)
            try await fixture.commitInOrigin("loose\n")
            try await fixture.git("tag", "light", base.hex, in: origin)
            try await fixture.git("tag", "-a", "-m", "note", "release/1.0", in: origin)
            try await fixture.git("tag", "-a", "-m", "note", "nested", "release/1.0", in: origin)
            try await fixture.git("tag", "blob", "HEAD:a.txt", in: origin)
            let hub = try fixture.emptyHub()
            let report = try fixture.mirror(into: hub)
            #expect(report.branches == 2)
            #expect(report.filesLinked > 0 && report.filesCopied == 0)
            try await fixture.expectMirror(of: origin, in: hub)
        }
    }

    @Test("a second mirror finds nothing to do, and a third brings only what is new")
    func repeated() async throws {
        try await GitFixture.with { fixture, _ in
            let hub = try fixture.emptyHub()
            _ = try fixture.mirror(into: hub)
            #expect(try fixture.mirror(into: hub).filesLinked == 0)
            try await fixture.commitInOrigin("more\n")
            #expect(try fixture.mirror(into: hub).filesLinked == 3)
            try await fixture.expectMirror(of: fixture.origin, in: hub)
        }
    }

    @Test("500 branches arrive, a rewritten one moves, and those gone at the origin go")
    func manyBranches() async throws {
        try await GitFixture.with { fixture, base in
            let other = try await fixture.commitInOrigin("other\n")
            let created = (0..<500).map { "create refs/heads/team/\($0) \(base)\n" }.joined()
            try await fixture.git("update-ref", "--stdin", in: fixture.origin, input: created)
            let hub = try fixture.emptyHub()
            #expect(try fixture.mirror(into: hub).branches == 501)
            try await fixture.expectMirror(of: fixture.origin, in: hub)
            // So many come in one file, without a log each.
            #expect(!fixture.files(below: hub.path).contains { $0.contains("team/") })
            try await fixture.git("pack-refs", "--all", in: hub.path)
            let changed =
                (0..<250).map { "delete refs/heads/team/\($0)\n" }.joined()
                + "update refs/heads/team/300 \(other)\n"
            try await fixture.git("update-ref", "--stdin", in: fixture.origin, input: changed)
            #expect(try fixture.mirror(into: hub).branches == 251)
            try await fixture.expectMirror(of: fixture.origin, in: hub)
            // Few are written one by one, as the one that moved.
            #expect(fixture.files(below: hub.path + "/refs/remotes").contains { $0.hasSuffix("team/300") })
        }
    }

    @Test("many tags of all kinds lead in the hub where they lead at the origin, beside those that were packed before")
    func manyTags() async throws {
        try await GitFixture.with { fixture, base in
            let hub = try fixture.emptyHub()
            _ = try fixture.mirror(into: hub)
            try await fixture.git("tag", "-a", "-m", "own", "kept", base.hex, in: hub.path)
            try await fixture.git("pack-refs", "--all", in: hub.path)
            let created = (0..<60).map { "create refs/tags/light/\($0) \(base)\n" }.joined()
            try await fixture.git("update-ref", "--stdin", in: fixture.origin, input: created)
            try await fixture.git("tag", "-a", "-m", "note", "release/1.0", in: fixture.origin)
            try await fixture.git("tag", "-a", "-m", "note", "nested", "release/1.0", in: fixture.origin)
            try await fixture.git("tag", "blob", "HEAD:a.txt", in: fixture.origin)
            _ = try fixture.mirror(into: hub)
            let peeled = try await fixture.git("show-ref", "--tags", "-d", in: hub.path)
            let expected = try await fixture.git("show-ref", "--tags", "-d", in: fixture.origin)
            #expect(peeled.contains("refs/tags/kept^{}"))
            #expect(
                peeled.split(separator: "\n").filter { !$0.contains("tags/kept") } == expected.split(separator: "\n"))
            let repository = try hub.open()
            #expect(try repository.resolve("release/1.0^{commit}") == base)
            try repository.deleteReference("refs/tags/kept")
            #expect(try await fixture.references("refs/tags/", in: hub.path).keys.contains("kept") == false)
            try await fixture.expectMirror(of: fixture.origin, in: hub)
        }
    }

    @Test(
        "a branch or tag that makes room for a folder of its name, and the other way round", arguments: [false, true])
    func folderConflict(packed: Bool) async throws {
        try await GitFixture.with { fixture, _ in
            let hub = try fixture.emptyHub()
            for name in ["topic", "topic/one", "topic/one/two", "topic"] {
                let old = try await fixture.references("refs/heads/", in: fixture.origin).keys
                for branch in old where branch != "main" {
                    try await fixture.git("branch", "-D", "-q", branch, in: fixture.origin)
                    try await fixture.git("tag", "-d", branch, in: fixture.origin)
                }
                try await fixture.git("branch", name, in: fixture.origin)
                try await fixture.git("tag", name, in: fixture.origin)
                if packed { try await fixture.git("pack-refs", "--all", in: fixture.origin) }
                _ = try fixture.mirror(into: hub)
                if packed { try await fixture.git("pack-refs", "--all", in: hub.path) }
                try await fixture.expectMirror(of: fixture.origin, in: hub)
            }
        }
    }

    @Test("a moved tag moves; the task's branches, the runner's references and tags made in a task stay")
    func keepsOurs() async throws {
        try await GitFixture.with { fixture, base in
            let hub = try fixture.emptyHub()
            try await fixture.git("tag", "latest", in: fixture.origin)
            _ = try fixture.mirror(into: hub)
            for name in ["refs/heads/runner/1-task", "refs/runner/1/base", "refs/tags/made-in-task"] {
                try hub.open().setReference(name, to: base)
            }
            let newer = try await fixture.commitInOrigin("newer\n")
            try await fixture.git("tag", "-f", "latest", in: fixture.origin)
            _ = try fixture.mirror(into: hub)
            #expect(try hub.open().reference("refs/tags/latest") == newer)
            #expect(try hub.open().reference("refs/heads/runner/1-task") == base)
            #expect(try hub.open().reference("refs/runner/1/base") == base)
            #expect(try hub.open().reference("refs/tags/made-in-task") == base)
        }
    }

    @Test("a detached head's commit arrives although no branch has it")
    func detached() async throws {
        try await GitFixture.with { fixture, base in
            try await fixture.git("checkout", "-q", "--detach", in: fixture.origin)
            let alone = try await fixture.commitInOrigin("alone\n")
            let hub = try fixture.emptyHub()
            _ = try fixture.mirror(into: hub)
            #expect(try hub.open().reference("refs/runner/origin-head") == alone)
            #expect(try hub.open().reference("refs/remotes/origin/main") == base)
            try await fixture.fsck(hub.path)
        }
    }

    @Test("a repository without a commit is mirrored as nothing")
    func unborn() async throws {
        try await GitFixture.with { fixture, _ in
            try await fixture.git("init", "-q", "-b", "trunk", "unborn", in: fixture.root)
            let report = try fixture.mirror(fixture.root + "/unborn", into: try fixture.emptyHub())
            #expect(report == LocalOrigin.MirrorReport(filesLinked: 0, filesCopied: 0, branches: 0))
        }
    }

    @Test("a linked worktree and a bare repository are mirrored whole")
    func otherForms() async throws {
        try await GitFixture.with { fixture, _ in
            try await fixture.git("worktree", "add", "-q", "-b", "side", "../linked", in: fixture.origin)
            try await fixture.commitInOrigin("side\n", in: fixture.root + "/linked")
            let first = try fixture.emptyHub("first")
            _ = try fixture.mirror(fixture.root + "/linked", into: first)
            try await fixture.expectMirror(of: fixture.origin, in: first)
            try await fixture.git("clone", "-q", "--mirror", fixture.origin, "bare.git", in: fixture.root)
            let second = try fixture.emptyHub("second")
            _ = try fixture.mirror(fixture.root + "/bare.git", into: second)
            try await fixture.expectMirror(of: fixture.origin, in: second)
        }
    }

    @Test("objects that lie in other repositories come too, by absolute and relative alternates and chains of them")
    func alternates() async throws {
        try await GitFixture.with { fixture, _ in
            try await fixture.git("clone", "-q", "--shared", fixture.origin, "second", in: fixture.root)
            try await fixture.commitInOrigin("second\n", in: fixture.root + "/second")
            try await fixture.git("clone", "-q", "--shared", fixture.root + "/second", "third", in: fixture.root)
            try await fixture.commitInOrigin("third\n", in: fixture.root + "/third")
            try fixture.write(
                "../../../second/.git/objects\n", fixture.root + "/third/.git/objects/info/alternates")
            let hub = try fixture.emptyHub()
            _ = try fixture.mirror(fixture.root + "/third", into: hub)
            for name in ["origin", "second", "third"] { Directory.removeTree(fixture.root + "/" + name) }
            #expect(try await fixture.git("rev-list", "--count", "refs/remotes/origin/main", in: hub.path) == "3\n")
            try await fixture.fsck(hub.path)
        }
    }

    @Test("a shallow clone keeps its boundary, and the hub's goes when the clone gets its whole history")
    func shallow() async throws {
        try await GitFixture.with { fixture, _ in
            for text in ["two\n", "three\n"] { try await fixture.commitInOrigin(text) }
            try await fixture.git(
                "clone", "-q", "--depth", "1", "file://" + fixture.origin, "shallow", in: fixture.root)
            let hub = try fixture.emptyHub()
            _ = try fixture.mirror(fixture.root + "/shallow", into: hub)
            let count = ["rev-list", "--count", "refs/remotes/origin/main"]
            #expect(try await fixture.git(count[0], count[1], count[2], in: hub.path) == "1\n")
            try await fixture.fsck(hub.path)
            try await fixture.git("fetch", "-q", "--unshallow", in: fixture.root + "/shallow")
            _ = try fixture.mirror(fixture.root + "/shallow", into: hub)
            #expect(try await fixture.git(count[0], count[1], count[2], in: hub.path) == "3\n")
            try await fixture.fsck(hub.path)
        }
    }

    @Test("after many branches went at once, one below a gone branch's name arrives", arguments: [false, true])
    func belowGoneBranch(isLogLeft: Bool) async throws {
        try await GitFixture.with { fixture, base in
            let hub = try fixture.emptyHub()
            // Few at a time, so that each has a log.
            for part in 0..<3 {
                let created = (0..<30).map { "create refs/heads/\(part)-\($0) \(base)\n" }.joined()
                try await fixture.git("update-ref", "--stdin", in: fixture.origin, input: created)
                _ = try fixture.mirror(into: hub)
            }
            try await fixture.git("pack-refs", "--all", in: hub.path)
            let log = hub.path + "/logs/refs/remotes/origin/1-7"
            #expect(fixture.exists(log))
            let deleted = (0..<90).map { "delete refs/heads/\($0 / 30)-\($0 % 30)\n" }.joined()
            try await fixture.git("update-ref", "--stdin", in: fixture.origin, input: deleted)
            _ = try fixture.mirror(into: hub)
            #expect(!fixture.exists(log))
            // As earlier versions left it.
            if isLogLeft { try fixture.write("", log) }
            try await fixture.git("branch", "1-7/x", in: fixture.origin)
            #expect(try fixture.mirror(into: hub).branches == 2)
            try await fixture.expectMirror(of: fixture.origin, in: hub)
        }
    }

    @Test("branches and tags whose names differ only in their Unicode form are all there, few and many")
    func unicodeForms() async throws {
        try await GitFixture.with { fixture, base in
            let other = try await fixture.commitInOrigin("other\n")
            let hub = try fixture.emptyHub()
            for kind in ["heads", "tags"] {
                let created = "create refs/\(kind)/caf\u{e9} \(base)\ncreate refs/\(kind)/cafe\u{301} \(other)\n"
                try await fixture.git("update-ref", "--stdin", in: fixture.origin, input: created)
            }
            #expect(try fixture.mirror(into: hub).branches == 3)
            try await compareForms(fixture, hub)
            let many =
                (0..<60).map { "create refs/heads/\($0)-\u{e9} \(base)\n" }.joined()
                + (0..<60).map { "create refs/heads/\($0)-e\u{301} \(other)\n" }.joined()
            try await fixture.git("update-ref", "--stdin", in: fixture.origin, input: many)
            #expect(try fixture.mirror(into: hub).branches == 123)
            try await compareForms(fixture, hub)
            let gone = (0..<60).map { "delete refs/heads/\($0)-\u{e9}\n" }.joined()
            try await fixture.git("update-ref", "--stdin", in: fixture.origin, input: gone)
            #expect(try fixture.mirror(into: hub).branches == 63)
            try await compareForms(fixture, hub)
        }
    }

    /// By their bytes: a dictionary of texts has one entry for both forms.
    private func compareForms(_ fixture: GitFixture, _ hub: Hub) async throws {
        for (prefix, mirrored) in [("refs/heads/", "refs/remotes/origin/"), ("refs/tags/", "refs/tags/")] {
            let theirs = try await fixture.git(
                "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", prefix, in: fixture.origin)
            let ours = try await fixture.git(
                "for-each-ref", "--format=%(refname:lstrip=\(prefix == mirrored ? 2 : 3)) %(objectname)", mirrored,
                in: hub.path)
            #expect(Array(ours.utf8) == Array(theirs.utf8))
        }
    }
}
