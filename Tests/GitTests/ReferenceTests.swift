import Testing

@testable import Git

@Suite struct ReferenceTests {
    @Test("a reference is created once, moved only from the expected value, and deleted")
    func lifeCycle() async throws {
        try await GitFixture.with { fixture, base in
            let repository = try fixture.hub.open()
            let worktree = try fixture.add(base: base)
            try fixture.write("changed\n", worktree.path + "/a.txt")
            let other = try fixture.checkpoint(worktree).commit
            let name = "refs/runner/1/base"
            #expect(try repository.reference(name) == nil)
            try repository.createReference(name, at: base)
            #expect(throws: GitError.self) { try repository.createReference(name, at: other) }
            var error = #expect(throws: GitError.self) {
                try repository.updateReference(name, to: other, expecting: other)
            }
            #expect(error?.code == .modified)
            try repository.updateReference(name, to: other, expecting: base)
            #expect(try repository.reference(name) == other)
            error = #expect(throws: GitError.self) { try repository.deleteReference(name, expecting: base) }
            #expect(error?.code == .modified)
            #expect(try repository.references(matching: "refs/runner/*").map(\.name) == [name])
            try repository.deleteReference(name, expecting: other)
            try repository.deleteReference(name)
            error = #expect(throws: GitError.self) { try repository.updateReference(name, to: base, expecting: other) }
            #expect(error?.code == .modified)
        }
    }

    @Test("a revision that names nothing, and one that is no revision, are not found")
    func unresolved() async throws {
        try await GitFixture.with { fixture, base in
            let repository = try fixture.hub.open()
            #expect(try repository.resolve("refs/remotes/origin/main") == base)
            #expect(try repository.resolve(base.short) == base)
            for revision in ["nowhere", "", "--all", "HEAD~999", "main@{upstream", String(repeating: "0", count: 40)] {
                #expect(throws: GitError.self, "\(revision)") { try repository.resolve(revision) }
            }
        }
    }
}
