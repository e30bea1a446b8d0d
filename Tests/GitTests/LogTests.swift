import Foundation
import Testing

@testable import Git

@Suite struct LogTests {
    @Test("history comes newest first, without what is hidden, and at most as much as asked for")
    func log() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            for number in 1...3 {
                try fixture.write("\(number)", worktree.path + "/n")
                _ = try fixture.commit(worktree, "number \(number)\n\nbody\n")
            }
            let repository = try fixture.hub.open()
            let tip = try #require(try repository.reference("refs/heads/runner/one"))
            let log = try repository.log(from: tip, hiding: [base])
            #expect(log.map(\.subject) == ["number 3", "number 2", "number 1"])
            #expect(log.first?.author == GitFixture.person && log.first?.time == GitFixture.person.date)
            #expect(log.last?.parents == [base])
            #expect(try repository.log(from: tip, limit: 2).count == 2)
            #expect(try repository.mergeBase(tip, base) == base)
            #expect(try repository.isDescendant(tip, of: base))
            #expect(try !repository.isDescendant(base, of: tip))
            #expect(try repository.resolve("runner/one~3") == base)
        }
    }

    @Test("in a shallow clone the best of the common ancestors that are there is found, and none where there is none")
    func shallow() async throws {
        try await GitFixture.with { fixture, _ in
            for text in ["two\n", "three\n", "four\n"] { try await fixture.commitInOrigin(text) }
            let path = fixture.root + "/shallow"
            try await fixture.git("clone", "-q", "--depth", "2", "file://" + fixture.origin, path, in: fixture.root)
            let hub = try fixture.emptyHub()
            _ = try fixture.mirror(path, into: hub)
            let (base, older) = (try await fixture.tip("HEAD", in: path), try await fixture.tip("HEAD~1", in: path))
            var tips: [ObjectID] = []
            for (name, start) in [("one", base), ("two", base), ("three", older)] {
                let worktree = try Worktree.add(
                    hub: hub, name: name, path: "\(fixture.root)/worktrees/\(name)", branch: "runner/\(name)",
                    base: start)
                try fixture.write(name, worktree.path + "/work.txt")
                tips.append(try #require(try fixture.commit(worktree, name).tip))
            }
            let repository = try hub.open()
            let isShallow = repository.isShallow
            #expect(isShallow)
            #expect(try repository.mergeBase(base, tips[0]) == base)
            #expect(try repository.mergeBase(tips[0], tips[1]) == base)
            #expect(try repository.mergeBase(tips[2], tips[1]) == older)
            try await fixture.git("checkout", "-q", "--orphan", "alone", in: path)
            let alone = try await fixture.commitInOrigin("alone\n", in: path)
            _ = try fixture.mirror(path, into: hub)
            #expect(try hub.open().mergeBase(alone, tips[0]) == nil)
        }
    }
}
