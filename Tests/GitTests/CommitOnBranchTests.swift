import CPlatform
import Foundation
import Testing

@testable import Git

@Suite struct CommitOnBranchTests {
    @Test("a change becomes one commit on the branch and the status is clean; no change makes none")
    func oneCommit() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            #expect(try fixture.commit(worktree).outcome == .unchanged)
            try fixture.write("new\n", worktree.path + "/new.txt")
            unlink(worktree.path + "/a.txt")
            let message = Trailers.compose("step one", [("Runner-Task", "1"), ("Runner-Step", "one")])
            let result = try fixture.commit(worktree, message)
            let tip = try #require(result.tip)
            #expect(result.outcome == .committed(tip) && result.isIndexRefreshed)
            #expect(try await fixture.status(worktree) == "")
            #expect(
                try await fixture.git(
                    "log", "-1", "--format=%P|%an|%s|%(trailers:key=Runner-Task,valueonly)", in: worktree.path
                )
                .trimmed == "\(base)|Ann Test|step one|1")
            #expect(try fixture.commit(worktree).outcome == .unchanged)
            try await fixture.fsck()
        }
    }

    @Test("an agent's own commits on the branch stay as they are")
    func ownCommits() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("own\n", worktree.path + "/own.txt")
            try await fixture.git("add", "-A", in: worktree.path)
            try await fixture.git("commit", "-q", "-m", "own", in: worktree.path)
            let own = try worktree.open().head().commit
            let result = try fixture.commit(worktree)
            #expect(result.outcome == .unchanged && result.tip == own)
            try fixture.write("more\n", worktree.path + "/own.txt")
            let next = try #require(try fixture.commit(worktree).tip)
            #expect(try fixture.hub.open().record(next).parents == [own])
        }
    }

    @Test("commits made on a detached HEAD move the branch forward")
    func detached() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try await fixture.git("checkout", "-q", "--detach", in: worktree.path)
            try await fixture.git("commit", "-q", "--allow-empty", "-m", "own", in: worktree.path)
            let own = try #require(try worktree.open().head().commit)
            #expect(try fixture.commit(worktree).outcome == .moved(own))
            #expect(try worktree.open().head() == .branch("refs/heads/runner/one", own))
            #expect(try await fixture.status(worktree) == "")
        }
    }

    @Test("work on another branch is merged into the task's branch, and HEAD comes back")
    func otherBranch() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try await fixture.git("commit", "-q", "--allow-empty", "-m", "on the branch", in: worktree.path)
            let tip = try #require(try worktree.open().head().commit)
            try await fixture.git("checkout", "-q", "-b", "other", base.hex, in: worktree.path)
            try fixture.write("other\n", worktree.path + "/other.txt")
            try await fixture.git("add", "-A", in: worktree.path)
            try await fixture.git("commit", "-q", "-m", "on another", in: worktree.path)
            let other = try #require(try worktree.open().head().commit)
            try fixture.write("left\n", worktree.path + "/left.txt")
            let result = try #require(try fixture.commit(worktree).tip)
            #expect(try fixture.hub.open().record(result).parents == [tip, other])
            #expect(try await fixture.git("branch", "--show-current", in: worktree.path) == "runner/one\n")
            #expect(try await fixture.status(worktree) == "")
            #expect(fixture.exists(worktree.path + "/left.txt"))
            try await fixture.fsck()
        }
    }

    @Test("a branch that the agent deleted, and an orphan branch, lose nothing")
    func deletedBranch() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try await fixture.git("checkout", "-q", "--orphan", "fresh", in: worktree.path)
            let kept = try fixture.commit(worktree)
            #expect(kept.outcome == .unchanged && kept.tip == base)
            try await fixture.git("checkout", "-q", "--detach", in: worktree.path)
            try await fixture.git("branch", "-q", "-D", "runner/one", in: worktree.path)
            #expect(try fixture.commit(worktree).outcome == .moved(base))
            #expect(try await fixture.status(worktree) == "")
        }
    }

    @Test("while a merge or a rebase is unfinished, nothing is touched", arguments: [false, true])
    func inProgress(rebase: Bool) async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try await fixture.inConflict(base: base, rebase: rebase)
            let tip = try fixture.hub.open().reference("refs/heads/runner/one")
            let before = try await fixture.status(worktree)
            let result = try fixture.commit(worktree)
            #expect(result.outcome == .inProgress(rebase ? .rebase : .merge) && result.tip == tip)
            #expect(try await fixture.status(worktree) == before)
            #expect(try worktree.operationInProgress() == (rebase ? .rebase : .merge))
        }
    }

    @Test("what is unfinished is named as git names it")
    func operationNames() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write(base.hex + "\n", worktree.adminPath + "/CHERRY_PICK_HEAD")
            #expect(try worktree.operationInProgress()?.rawValue == "cherry-pick")
            #expect(BranchCommit.Operation.applyMailbox.rawValue == "git am")
        }
    }

    @Test("lock files left behind by a killed git stop neither a checkpoint nor a commit")
    func staleLocks() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            for lock in ["\(worktree.adminPath)/index.lock", "\(fixture.hub.path)/refs/heads/runner/one.lock"] {
                try fixture.write("", lock)
            }
            try fixture.write("new\n", worktree.path + "/new.txt")
            #expect(try fixture.checkpoint(worktree).changed)
            #expect(fixture.exists(worktree.adminPath + "/index.lock"))
            #expect(try fixture.commit(worktree).isIndexRefreshed)
            #expect(try await fixture.status(worktree) == "")
        }
    }

    @Test("dirty paths are what git's status shows, and at most as many as asked for")
    func dirtyPaths() async throws {
        try await GitFixture.with(files: [".gitignore": "*.log\n", "a": "1\n", "b": "2\n", "c": "3\n"]) {
            fixture, base in
            let worktree = try fixture.add(base: base)
            #expect(try Status.dirtyPaths(worktree).isEmpty)
            try fixture.write("x", worktree.path + "/a")
            try await fixture.git("rm", "-q", "--cached", "b", in: worktree.path)
            unlink(worktree.path + "/c")
            try fixture.write("x", worktree.path + "/new/file")
            try fixture.write("x", worktree.path + "/x.log")
            let objects = try await fixture.git("count-objects", in: fixture.hub.path)
            #expect(try Status.dirtyPaths(worktree).map { "\($0)" } == ["a", "b", "c", "new/file"])
            #expect(try Status.dirtyPaths(worktree, limit: 2).count == 2)
            #expect(try await fixture.git("count-objects", in: fixture.hub.path) == objects)
        }
    }
}

extension GitFixture {
    /// A worktree in which a merge or a rebase stopped at a conflict in a.txt.
    func inConflict(base: ObjectID, rebase: Bool = false) async throws -> Worktree {
        let worktree = try add(base: base)
        for (branch, text) in [("theirs", "theirs\n"), ("runner/one", "ours\n")] {
            try await git("checkout", "-q", "-B", branch, base.hex, in: worktree.path)
            try write(text, worktree.path + "/a.txt")
            try await git("commit", "-q", "-a", "-m", branch, in: worktree.path)
        }
        try await git(rebase ? "rebase" : "merge", "theirs", in: worktree.path, fails: true)
        return worktree
    }
}
