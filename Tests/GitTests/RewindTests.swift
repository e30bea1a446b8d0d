import Foundation
import Glibc
import Testing

@testable import Git

@Suite struct RewindTests {
    @Test("files, branch and HEAD go back to before an attempt; what no commit knows stays; twice is as good as once")
    func rewind() async throws {
        try await GitFixture.with(files: ["a.txt": "one\n", "dir/b.txt": "two\n", ".gitignore": "cache\n"]) {
            fixture, base in
            let worktree = try fixture.add(base: base)
            // A person's own unfinished work is part of the state before.
            try fixture.write("mine\n", worktree.path + "/mine.txt")
            let before = try fixture.checkpoint(worktree).commit
            try fixture.write("changed\n", worktree.path + "/a.txt")
            unlink(worktree.path + "/dir/b.txt")
            try fixture.write("new\n", worktree.path + "/new.txt")
            try fixture.write("kept\n", worktree.path + "/cache/x")
            try await fixture.git("checkout", "-q", "-b", "elsewhere", in: worktree.path)
            try await fixture.git("add", "-A", in: worktree.path)
            try await fixture.git("commit", "-q", "-m", "own", in: worktree.path)
            try await fixture.git("branch", "-f", "runner/one", in: worktree.path)
            let saved = try fixture.checkpoint(worktree).commit
            for _ in 0..<2 {
                try worktree.rewind(from: saved, to: before, branch: "runner/one", tip: base)
                #expect(try fixture.checkpoint(worktree).tree == worktree.open().treeID(of: before))
                #expect(try worktree.open().head() == .branch("refs/heads/runner/one", base))
                #expect(try await fixture.status(worktree).trimmed == "?? mine.txt")
                #expect(access(worktree.path + "/cache/x", F_OK) == 0)
                #expect(access(worktree.path + "/new.txt", F_OK) != 0)
            }
            // What the attempt did is not lost.
            #expect(try await fixture.names(saved).contains("new.txt"))
            try await fixture.fsck()
        }
    }

    @Test("an unfinished merge is given up")
    func merge() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try await fixture.git("checkout", "-q", "-b", "other", in: worktree.path)
            try fixture.write("theirs\n", worktree.path + "/a.txt")
            try await fixture.git("commit", "-q", "-am", "theirs", in: worktree.path)
            try await fixture.git("checkout", "-q", "runner/one", in: worktree.path)
            try fixture.write("ours\n", worktree.path + "/a.txt")
            try await fixture.git("commit", "-q", "-am", "ours", in: worktree.path)
            try await fixture.git("merge", "-q", "other", in: worktree.path, fails: true)
            #expect(try worktree.operationInProgress() == .merge)
            let saved = try fixture.checkpoint(worktree).commit
            try worktree.rewind(from: saved, to: base, branch: "runner/one", tip: base)
            #expect(try worktree.operationInProgress() == nil)
            #expect(try await fixture.status(worktree) == "")
        }
    }

    @Test("nothing is touched when the owner has changed")
    func refused() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("changed\n", worktree.path + "/a.txt")
            let saved = try fixture.checkpoint(worktree).commit
            let refusal = GitError(code: .modified, operation: "move", message: "not the owner")
            #expect(throws: refusal) {
                try worktree.rewind(from: saved, to: base, branch: "runner/one", tip: base) { () throws(GitError) in
                    throw refusal
                }
            }
            #expect(throws: refusal) {
                try worktree.commitOnBranch(
                    "runner/one", message: "m\n", author: GitFixture.person, committer: GitFixture.person,
                    beforeMoving: { () throws(GitError) in throw refusal })
            }
            #expect(try fixture.hub.open().reference("refs/heads/runner/one") == base)
            #expect(try await fixture.status(worktree).trimmed == "M a.txt")
        }
    }
}
