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
            #expect(try repository.isAncestor(base, of: tip))
            #expect(try !repository.isAncestor(tip, of: base))
            #expect(try repository.resolve("runner/one~3") == base)
        }
    }
}
