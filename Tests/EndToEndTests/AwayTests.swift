import Foundation
import Testing

@Suite("worktrees that are away for a while")
struct AwayTests {
    private func clean(_ fixture: RunnerFixture) async throws -> CleanJSON? {
        try await fixture.runner("clean", "1", "--json").json([CleanJSON].self).first
    }

    @Test("one that cannot be looked at is kept; one that was gone and is back is taken as it is, and nothing else is")
    func away() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("start", repository, "echo b > b.txt", "--workflow", "script")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try fixture.write("edited\n", to: worktree + "/b.txt")
            let manifest = try await fixture.manifest(worktree)
            let files = FileManager.default
            let group = URL(fileURLWithPath: worktree).deletingLastPathComponent().path
            try files.moveItem(atPath: group, toPath: fixture.root + "/away")
            // Nothing can be told through a link that leads to itself.
            try files.createSymbolicLink(atPath: group, withDestinationPath: group)
            let unknown = try await clean(fixture)
            #expect(unknown?.outcome == "kept" && unknown?.reasons.isEmpty == false, "\(String(describing: unknown))")
            #expect(try await !fixture.runner("doctor").out.contains("is gone"))
            try files.removeItem(atPath: group)
            #expect(try await fixture.runner("doctor").out.contains("is gone"))
            #expect(try await clean(fixture)?.outcome == "vanished")
            // Another folder in its place is not it.
            try files.createDirectory(atPath: worktree, withIntermediateDirectories: true)
            #expect(try await fixture.runner("restore", "1").status == 3)
            try files.removeItem(atPath: group)
            try files.moveItem(atPath: fixture.root + "/away", toPath: group)
            let back = try await fixture.runner("restore", "1")
            #expect(back.status == 0 && back.out == worktree + "\n", "\(back.err)")
            #expect(try await fixture.manifest(worktree) == manifest)
            #expect(try await fixture.runner("env", "show", "1").out.contains("(in 7 days)"))
            #expect(try await clean(fixture)?.outcome == "removed")
            #expect(try await fixture.runner("restore", "1").status == 0)
            #expect(try await fixture.manifest(worktree) == manifest)
        }
    }
}
