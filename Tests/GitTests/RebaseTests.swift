import Foundation
import Testing

@testable import Git

@Suite struct RebaseTests {
    private static let committer = Signature(
        name: "Runner", email: "runner@localhost", date: Date(timeIntervalSince1970: 1_800_000_000), offsetMinutes: 0)

    private func advance(_ fixture: GitFixture, _ file: String, _ text: String) async throws -> ObjectID {
        try fixture.write(text, fixture.origin + "/" + file)
        try await fixture.git("add", "-A", in: fixture.origin)
        try await fixture.git("commit", "-q", "-m", "of the origin", in: fixture.origin)
        return try await fixture.fetch()
    }

    /// One commit of a task and one of the origin, with these texts for the same file.
    private func diverge(
        _ fixture: GitFixture, base: ObjectID, own: String, theirs: String
    ) async throws -> (tip: ObjectID, onto: ObjectID) {
        let worktree = try fixture.add(base: base)
        try fixture.write(own, worktree.path + "/a.txt")
        let tip = try #require(try fixture.commit(worktree, "own change").tip)
        return (tip, try await advance(fixture, "a.txt", theirs))
    }

    @Test("commits come on top of the newer base with authors and messages as they were, and no reference moves")
    func written() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            for number in 1...3 {
                try fixture.write("\(number)", worktree.path + "/own-\(number)")
                _ = try fixture.commit(worktree, "number \(number)\n\nbody\n")
            }
            let onto = try await advance(fixture, "a.txt", "newer\n")
            let repository = try fixture.hub.open()
            let tip = try #require(try repository.reference("refs/heads/runner/one"))
            guard
                case .written(let end, 3) = try repository.rebase(
                    tip, since: base, onto: onto, committer: Self.committer)
            else {
                Issue.record("not three commits")
                return
            }
            let log = try repository.log(from: end, hiding: [onto])
            #expect(log.map(\.message) == [3, 2, 1].map { "number \($0)\n\nbody\n" })
            #expect(log.allSatisfy { $0.author == GitFixture.person && $0.committer == Self.committer })
            #expect(log.last?.parents == [onto])
            #expect(try repository.reference("refs/heads/runner/one") == tip)
            let files = try await fixture.git("ls-tree", "-r", "--name-only", end.hex, in: fixture.hub.path)
            #expect(
                files.split(separator: "\n").map(String.init) == ["a.txt", "dir/b.txt", "dir/c.sh"]
                    + (1...3).map { "own-\($0)" })
            #expect(try await fixture.git("show", "\(end.hex):a.txt", in: fixture.hub.path) == "newer\n")
        }
    }

    @Test("what the base has already is left out; on a base that has all, nothing is written")
    func applied() async throws {
        try await GitFixture.with { fixture, base in
            let (tip, onto) = try await diverge(fixture, base: base, own: "same\n", theirs: "same\n")
            let repository = try fixture.hub.open()
            #expect(
                try repository.rebase(tip, since: base, onto: onto, committer: Self.committer)
                    == .written(tip: onto, commits: 0))
            #expect(
                try repository.rebase(base, since: base, onto: onto, committer: Self.committer)
                    == .written(tip: onto, commits: 0))
        }
    }

    @Test("only the task's commits are written anew, whatever the new base has or lacks; a merge among them is refused")
    func own() async throws {
        try await GitFixture.with { fixture, first in
            let base = try await advance(fixture, "b", "of main only\n")
            let worktree = try fixture.add(base: base)
            try fixture.write("own\n", worktree.path + "/own")
            let tip = try #require(try fixture.commit(worktree, "own").tip)
            try await fixture.git("checkout", "-q", "-b", "other", first.hex, in: fixture.origin)
            _ = try await advance(fixture, "c", "of other\n")
            _ = try fixture.local().mirror(into: fixture.hub)
            let repository = try fixture.hub.open()
            let other = try #require(try repository.reference("refs/remotes/origin/other"))
            guard
                case .written(let end, 1) = try repository.rebase(
                    tip, since: base, onto: other, committer: Self.committer)
            else {
                Issue.record("not one commit")
                return
            }
            #expect(try repository.log(from: end, hiding: [other]).map(\.subject) == ["own"])
            let files = try await fixture.git("ls-tree", "-r", "--name-only", end.hex, in: fixture.hub.path)
            #expect(!files.split(separator: "\n").contains("b"))
            // What is on top of the new base already stays as it is.
            #expect(
                try repository.rebase(end, since: other, onto: other, committer: Self.committer)
                    == .written(tip: end, commits: 0))
            let merge = try repository.createCommit(
                tree: repository.treeID(of: tip), parents: [tip, first], message: "merge",
                author: Self.committer, committer: Self.committer)
            #expect(
                try repository.rebase(merge, since: base, onto: other, committer: Self.committer) == .merge(merge))
        }
    }

    @Test("a conflict names the commit and its files")
    func conflict() async throws {
        try await GitFixture.with { fixture, base in
            let (tip, onto) = try await diverge(fixture, base: base, own: "own\n", theirs: "theirs\n")
            let repository = try fixture.hub.open()
            #expect(
                try repository.rebase(tip, since: base, onto: onto, committer: Self.committer)
                    == .conflict(tip, files: ["a.txt"]))
        }
    }
}
