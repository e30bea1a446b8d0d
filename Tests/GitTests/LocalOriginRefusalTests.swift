import CPlatform
import Foundation
import Testing

@testable import Git

/// What publishing refuses, and what it leaves alone.
@Suite struct LocalOriginRefusalTests {
    @Test("a branch with commits of its own is left as it is")
    func diverged() async throws {
        try await GitFixture.with { fixture, base in
            _ = try fixture.taskCommit(base: base)
            try await fixture.git("checkout", "-q", "-b", "runner/one", in: fixture.origin)
            let theirs = try await fixture.commitInOrigin("theirs\n")
            try await fixture.git("checkout", "-q", "main", in: fixture.origin)
            let files = fixture.files(below: fixture.origin + "/.git").sorted()
            let error = #expect(throws: GitError.self) {
                try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: "runner/one")
            }
            #expect(error?.code == .conflict)
            #expect(error?.message.contains("commits that the task lacks") == true)
            #expect(try await fixture.tip("runner/one") == theirs)
            #expect(fixture.files(below: fixture.origin + "/.git").sorted() == files)
        }
    }

    @Test(
        "a branch that is checked out is left as it is",
        arguments: ["main checkout", "linked worktree", "unborn", "bare", "symbolic link"])
    func checkedOut(place: String) async throws {
        try await GitFixture.with { fixture, base in
            let tip = try fixture.taskCommit(base: base)
            var path = fixture.origin
            switch place {
            case "linked worktree":
                try await fixture.git("worktree", "add", "-q", "-b", "target", "../linked", in: path)
            case "unborn": try await fixture.git("symbolic-ref", "HEAD", "refs/heads/target", in: path)
            case "bare":
                path = fixture.root + "/bare.git"
                try await fixture.git("clone", "-q", "--bare", fixture.origin, path, in: fixture.root)
                try await fixture.git("branch", "-m", "main", "target", in: path)
            default: try await fixture.git("checkout", "-q", "-b", "target", in: path)
            }
            if place == "symbolic link" {
                unlink(path + "/.git/HEAD")
                try #require(symlink("refs/heads/target", path + "/.git/HEAD") == 0)
            }
            let files = fixture.files(below: path).sorted()
            let error = #expect(throws: GitError.self) {
                try fixture.local(path).publish(branch: "runner/one", from: fixture.hub, as: "target")
            }
            #expect(error?.code == .conflict)
            #expect(error?.message.contains("checked out") == true)
            #expect(try fixture.local(path).open().reference("refs/heads/target") != tip)
            #expect(fixture.files(below: path).sorted() == files)
        }
    }

    @Test("moving a checked-out branch would have turned its checkout against it")
    func checkedOutControl() async throws {
        try await GitFixture.with { fixture, base in
            let tip = try fixture.taskCommit(base: base)
            let origin = try fixture.local()
            _ = try origin.publish(branch: "runner/one", from: fixture.hub, as: "elsewhere")
            #expect(try !origin.hasUncommittedChanges())
            try origin.open().updateReference("refs/heads/main", to: tip, expecting: base)
            #expect(try origin.hasUncommittedChanges())
        }
    }

    @Test("a branch whose name is a folder of another's, or the other way round, is refused and nothing breaks")
    func folderConflict() async throws {
        try await GitFixture.with { fixture, base in
            _ = try fixture.taskCommit(base: base)
            try await fixture.git("branch", "runner", in: fixture.origin)
            try await fixture.git("branch", "deep/one", in: fixture.origin)
            for target in ["runner/one", "deep"] {
                #expect(throws: GitError.self, "\(target)") {
                    try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: target)
                }
            }
            #expect(
                try await fixture.references("refs/heads/", in: fixture.origin)
                    == ["main": base.hex, "runner": base.hex, "deep/one": base.hex])
            try await fixture.fsck(fixture.origin)
        }
    }

    @Test("no hook of the origin runs, while git would have run it", arguments: ["hooks", "elsewhere"])
    func hooks(folder: String) async throws {
        try await GitFixture.with { fixture, base in
            let folder = folder == "hooks" ? fixture.origin + "/.git/hooks" : fixture.root + "/elsewhere"
            let mark = fixture.root + "/executed"
            for name in [
                "pre-receive", "update", "post-receive", "post-update", "reference-transaction", "post-commit",
                "post-checkout", "post-merge", "pre-push", "post-index-change",
            ] {
                try fixture.write("#!/bin/sh\necho \(name) >> \(mark)\n", "\(folder)/\(name)")
                chmod("\(folder)/\(name)", 0o755)
            }
            try await fixture.git("config", "core.hooksPath", folder, in: fixture.origin)
            _ = try fixture.taskCommit(base: base)
            _ = try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: "runner/one")
            _ = try fixture.mirror(into: try fixture.emptyHub())
            #expect(!fixture.exists(mark))
            try await fixture.git("update-ref", "refs/heads/control", base.hex, in: fixture.origin)
            #expect(fixture.exists(mark))
        }
    }

    @Test("head, index and files stay as they were, changes that no commit holds included")
    func untouched() async throws {
        try await GitFixture.with { fixture, base in
            try fixture.write("staged\n", fixture.origin + "/staged.txt")
            try await fixture.git("add", "staged.txt", in: fixture.origin)
            try fixture.write("edited\n", fixture.origin + "/a.txt")
            try fixture.write("new\n", fixture.origin + "/new.txt")
            let before = try await Self.state(fixture)
            _ = try fixture.taskCommit(base: base)
            _ = try fixture.local().publish(branch: "runner/one", from: fixture.hub, as: "runner/one")
            _ = try fixture.mirror(into: try fixture.emptyHub())
            #expect(try await Self.state(fixture) == before)
            #expect(fixture.files(below: fixture.origin + "/.git").allSatisfy { !$0.hasSuffix(".lock") })
        }
    }

    /// Content and times of all files in the checkout, of the index, the configuration and HEAD with its log.
    private static func state(_ fixture: GitFixture) async throws -> [String] {
        let status = try await fixture.git("--no-optional-locks", "status", "--porcelain", in: fixture.origin)
        let inGit = ["HEAD", "index", "config", "logs/HEAD", "refs/heads/main", "logs/refs/heads/main"]
        let files = fixture.files(below: fixture.origin).filter { !$0.hasPrefix(".git/") }.sorted()
        return try [status]
            + (files + inGit.map { ".git/" + $0 }).map { name in
                let path = "\(fixture.origin)/\(name)"
                let facts = try fixture.facts(path)
                let bytes = try #require(Directory.read(path))
                return
                    "\(name) \(facts.st_ino) \(facts.st_mode) \(facts.st_mtim.tv_sec).\(facts.st_mtim.tv_nsec) \(bytes)"
            }
    }
}
