import Foundation
import Glibc
import Testing

@testable import Git

@Suite struct HubDurabilityTests {
    @Test("what a step committed is settled, loose or packed, few commits or many; what is not there is told")
    func settled() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            for number in 0..<20 { try fixture.write("\(number)\n", "\(worktree.path)/dir/new-\(number)") }
            let first = try #require(try fixture.commit(worktree).tip)
            let references = ["refs/heads/runner/one", "refs/runner/1/1/a.1"]
            let repository = try fixture.hub.open()
            try repository.setReference(references[1], to: first)
            try fixture.hub.settle(first, since: base, references: references)
            try fixture.hub.settle(first, since: first, references: references)
            try fixture.hub.settle(first, since: nil, references: references)
            for number in 0..<120 {
                try await fixture.git(
                    "commit", "-q", "--allow-empty", "-m", "\(number)", in: worktree.path)
            }
            let last = try #require(try worktree.open().head().commit)
            try fixture.hub.settle(last, since: first, references: references)
            try await fixture.git("gc", "-q", in: fixture.hub.path)
            try fixture.hub.settle(first, since: base, references: references)
            #expect(throws: GitError.self) {
                let gone = try #require(ObjectID(String(repeating: "1", count: 40)))
                try fixture.hub.settle(gone, since: base, references: references)
            }
        }
    }
}
