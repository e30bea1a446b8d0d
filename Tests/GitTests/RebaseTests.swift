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
            guard case .written(let end, 3) = try repository.rebase(tip, onto: onto, committer: Self.committer) else {
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
            let worktree = try fixture.add(base: base)
            try fixture.write("same\n", worktree.path + "/a.txt")
            _ = try fixture.commit(worktree, "the same change")
            let onto = try await advance(fixture, "a.txt", "same\n")
            let repository = try fixture.hub.open()
            let tip = try #require(try repository.reference("refs/heads/runner/one"))
            #expect(
                try repository.rebase(tip, onto: onto, committer: Self.committer) == .written(tip: onto, commits: 0))
            #expect(
                try repository.rebase(base, onto: onto, committer: Self.committer) == .written(tip: onto, commits: 0))
        }
    }

    @Test("a conflict names the commit and its files")
    func conflict() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("own\n", worktree.path + "/a.txt")
            _ = try fixture.commit(worktree, "own change")
            let onto = try await advance(fixture, "a.txt", "theirs\n")
            let repository = try fixture.hub.open()
            let tip = try #require(try repository.reference("refs/heads/runner/one"))
            #expect(
                try repository.rebase(tip, onto: onto, committer: Self.committer) == .conflict(tip, files: ["a.txt"]))
        }
    }
}
