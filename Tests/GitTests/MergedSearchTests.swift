import Foundation
import Testing

@testable import Git

@Suite struct MergedSearchTests {
    /// An origin whose `main` goes on while branches grow from its first commit; returns how each branch is merged.
    private func evidence(
        _ branch: String, in fixture: GitFixture
    ) async throws -> MergeEvidence? {
        _ = try await fixture.fetch()
        let git = try fixture.hub.open()
        let target = try #require(try git.reference("refs/remotes/origin/main"))
        let tip = try #require(try git.reference("refs/remotes/origin/\(branch)"))
        return try MergedSearch(hub: fixture.hub, target: target).evidence(for: tip)
    }

    private func commit(_ file: String, _ text: String, in fixture: GitFixture) async throws {
        try fixture.write(text, "\(fixture.origin)/\(file)")
        try await fixture.git("add", "-A", in: fixture.origin)
        try await fixture.git("commit", "-q", "-m", file, in: fixture.origin)
    }

    /// A branch `work` of two commits, and then another commit on main.
    private func grow(_ fixture: GitFixture) async throws {
        try await fixture.git("checkout", "-q", "-b", "work", in: fixture.origin)
        try await commit("a.txt", "one\ntwo\n", in: fixture)
        try await commit("new.txt", "new\n", in: fixture)
        try await fixture.git("checkout", "-q", "main", in: fixture.origin)
        try await commit("dir/b.txt", "meanwhile\n", in: fixture)
    }

    @Test("a branch that nobody merged is not merged")
    func unmerged() async throws {
        try await GitFixture.with { fixture, _ in
            try await grow(fixture)
            #expect(try await evidence("work", in: fixture) == nil)
        }
    }

    @Test("a merge commit and a fast-forward make it an ancestor", arguments: ["--no-ff", "--ff"])
    func ancestry(how: String) async throws {
        try await GitFixture.with { fixture, _ in
            try await grow(fixture)
            try await fixture.git("merge", "-q", how, "-m", "merge", "work", in: fixture.origin)
            #expect(try await evidence("work", in: fixture) == .ancestor)
        }
    }

    @Test("a squash merge is recognised, with other commits before and after it")
    func squash() async throws {
        try await GitFixture.with { fixture, _ in
            try await grow(fixture)
            try await fixture.git("merge", "-q", "--squash", "work", in: fixture.origin)
            try await fixture.git("commit", "-q", "-m", "squashed", in: fixture.origin)
            let head = try await fixture.git("rev-parse", "HEAD", in: fixture.origin).trimmed
            let squashed = try #require(ObjectID(head))
            try await commit("later.txt", "later\n", in: fixture)
            #expect(try await evidence("work", in: fixture) == .squashed(squashed))
            // The control: one more commit on the branch, and it is merged no longer.
            try await fixture.git("checkout", "-q", "work", in: fixture.origin)
            try await commit("more.txt", "more\n", in: fixture)
            #expect(try await evidence("work", in: fixture) == nil)
        }
    }

    @Test("a rebase and single cherry-picks are recognised; with one commit missing they are not")
    func picked() async throws {
        try await GitFixture.with { fixture, _ in
            try await grow(fixture)
            try await fixture.git("cherry-pick", "work~1", in: fixture.origin)
            #expect(try await evidence("work", in: fixture) == nil)
            try await commit("between.txt", "between\n", in: fixture)
            try await fixture.git("cherry-pick", "work", in: fixture.origin)
            try await commit("later.txt", "later\n", in: fixture)
            #expect(try await evidence("work", in: fixture) == .picked(2))
        }
    }

    @Test("the same files under another patch, and a branch that changes nothing, are recognised by their trees")
    func trees() async throws {
        try await GitFixture.with { fixture, _ in
            try await fixture.git("checkout", "-q", "-b", "work", in: fixture.origin)
            try await commit("a.txt", "final\n", in: fixture)
            try await fixture.git("checkout", "-q", "main", in: fixture.origin)
            try await commit("a.txt", "draft\n", in: fixture)
            try await commit("a.txt", "final\n", in: fixture)
            let head = try await fixture.git("rev-parse", "HEAD", in: fixture.origin).trimmed
            let same = try #require(ObjectID(head))
            try await commit("a.txt", "after\n", in: fixture)
            #expect(try await evidence("work", in: fixture) == .sameFiles(same))
            try await fixture.git("checkout", "-q", "-b", "idle", in: fixture.origin)
            try await commit("x.txt", "x\n", in: fixture)
            try await fixture.git("rm", "-q", "x.txt", in: fixture.origin)
            try await fixture.git("commit", "-q", "-m", "undone", in: fixture.origin)
            #expect(try await evidence("idle", in: fixture) == .unchanged)
        }
    }

    @Test("a change that the target had and undid before the branch began does not count")
    func undoneBefore() async throws {
        try await GitFixture.with { fixture, _ in
            try await commit("a.txt", "one\ntwo\n", in: fixture)
            try await fixture.git("revert", "--no-edit", "HEAD", in: fixture.origin)
            try await fixture.git("checkout", "-q", "-b", "work", in: fixture.origin)
            try await commit("a.txt", "one\ntwo\n", in: fixture)
            try await fixture.git("checkout", "-q", "main", in: fixture.origin)
            try await commit("dir/b.txt", "meanwhile\n", in: fixture)
            #expect(try await evidence("work", in: fixture) == nil)
        }
    }

    @Test("binary files that differ are not the same patch; those that do not are")
    func binaries() async throws {
        try await GitFixture.with { fixture, _ in
            try await fixture.git("checkout", "-q", "-b", "work", in: fixture.origin)
            try await commit("image.bin", "\0ours\0", in: fixture)
            try await fixture.git("checkout", "-q", "-b", "same", "main", in: fixture.origin)
            try await commit("image.bin", "\0theirs\0", in: fixture)
            try await fixture.git("checkout", "-q", "main", in: fixture.origin)
            try await commit("dir/b.txt", "meanwhile\n", in: fixture)
            try await commit("image.bin", "\0theirs\0", in: fixture)
            try await commit("later.txt", "later\n", in: fixture)
            #expect(try await evidence("work", in: fixture) == nil)
            #expect(try await evidence("same", in: fixture) != nil)
        }
    }

    @Test("a branch into which the target was merged is recognised when it was squashed")
    func mergedBack() async throws {
        try await GitFixture.with { fixture, _ in
            try await grow(fixture)
            try await fixture.git("checkout", "-q", "work", in: fixture.origin)
            try await fixture.git("merge", "-q", "-m", "catch up", "main", in: fixture.origin)
            try await commit("a.txt", "one\ntwo\nthree\n", in: fixture)
            try await fixture.git("checkout", "-q", "main", in: fixture.origin)
            try await commit("other.txt", "other\n", in: fixture)
            #expect(try await evidence("work", in: fixture) == nil)
            try await fixture.git("merge", "-q", "--squash", "work", in: fixture.origin)
            try await fixture.git("commit", "-q", "-m", "squashed", in: fixture.origin)
            let found = try await evidence("work", in: fixture)
            guard case .some(.squashed) = found else {
                Issue.record("\(String(describing: found))")
                return
            }
        }
    }

    /// `main` with one commit a day, and `work` that ends in the commit `fork`; `odd` have the date of 1970.
    private func long(_ fixture: GitFixture, count: Int, fork: Int, odd: Range<Int> = 0..<0) async throws {
        var text = ""
        for number in 1...count {
            let time = odd.contains(number) ? number : 1_500_000_000 + number * 86_400
            text += "commit refs/heads/main\nmark :\(number)\ncommitter B <b@e> \(time) +0000\ndata 1\nx\n"
            if number == 1 { text += "deleteall\n" } else { text += "from :\(number - 1)\n" }
            text += "M 100644 inline f\ndata <<END\n\(number)\nEND\n"
        }
        text += "reset refs/heads/work\nfrom :\(fork)\ndone\n"
        try await fixture.git("fast-import", "--quiet", "--force", "--done", in: fixture.origin, input: text)
    }

    @Test("a long history is read no further than the branch point and its surroundings")
    func readsLittle() async throws {
        try await GitFixture.with { fixture, _ in
            try await long(fixture, count: 4_000, fork: 3_990)
            let target = try await fixture.fetch()
            let tip = try #require(try fixture.hub.open().reference("refs/remotes/origin/work"))
            let search = try MergedSearch(hub: fixture.hub, target: target)
            #expect(try search.evidence(for: tip) == .ancestor)
            #expect(search.nodes.count < 1_100, "\(search.nodes.count)")
            // The control: an older one needs more of it.
            try await long(fixture, count: 4_000, fork: 1_500)
            let old = try await fixture.fetch()
            #expect(try await evidence("work", in: fixture) == .ancestor)
            let far = try MergedSearch(hub: fixture.hub, target: old)
            _ = try far.evidence(for: try #require(try fixture.hub.open().reference("refs/remotes/origin/work")))
            #expect(far.nodes.count > 2_500)
        }
    }

    @Test("commits with an odd date do not hide what is behind them", arguments: [1, 40, 900])
    func oddDates(count: Int) async throws {
        try await GitFixture.with { fixture, _ in
            try await long(fixture, count: 1_200, fork: 100, odd: 200..<200 + count)
            #expect(try await evidence("work", in: fixture) == .ancestor)
        }
    }

    @Test("commits of any date at all are looked through", arguments: [Int64.min + 1, .min + 100_000, .max])
    func anyDate(date: Int64) async throws {
        try await GitFixture.with { fixture, base in
            try await grow(fixture)
            let text =
                "tree \(try await fixture.git("rev-parse", "work^{tree}", in: fixture.origin))"
                + "parent \(try await fixture.git("rev-parse", "work", in: fixture.origin))"
                + "author A <a@b> \(date) +0000\ncommitter A <a@b> \(date) +0000\n\nodd\n"
            let commit = try await fixture.git(
                "hash-object", "-t", "commit", "-w", "--literally", "--stdin", in: fixture.origin, input: text)
            try await fixture.git("update-ref", "refs/heads/work", commit.trimmed, in: fixture.origin)
            #expect(try await evidence("work", in: fixture) == nil)
            try await fixture.git("merge", "-q", "--no-ff", "-m", "merge", "work", in: fixture.origin)
            #expect(try await evidence("work", in: fixture) == .ancestor)
        }
    }
}
