import Foundation
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

    @Test("references are listed whether packed, loose, both or symbolic; a damaged one is left out")
    func listed() async throws {
        try await GitFixture.with { fixture, base in
            let path = fixture.hub.path
            let repository = try fixture.hub.open()
            for name in ["refs/x/packed", "refs/x/both"] { try repository.setReference(name, to: base) }
            try await fixture.git("pack-refs", "--all", in: path)
            let other = try fixture.taskCommit(base: base)
            try repository.setReference("refs/x/both", to: other)
            try repository.setReference("refs/x/loose", to: other)
            try await fixture.git("symbolic-ref", "refs/x/symbolic", "refs/x/packed", in: path)
            try await fixture.git("symbolic-ref", "refs/x/dangling", "refs/x/nothing", in: path)
            let found = try repository.references(matching: "refs/x/*")
            #expect(found.map(\.name) == ["both", "loose", "packed", "symbolic"].map { "refs/x/\($0)" })
            #expect(found.map(\.id) == [other, other, base, base])
            try fixture.write("no commit\n", path + "/refs/x/loose")
            #expect(try repository.references(matching: "refs/x/*").map(\.name).contains("refs/x/loose") == false)
        }
    }

    @Test(
        "a lock that a killed git left on the packed references does not stay in the way; a damaged file is left alone")
    func packedLock() async throws {
        try await GitFixture.with { fixture, base in
            let packed = PackedReferences(directory: fixture.hub.path)
            let lock = fixture.hub.path + "/packed-refs.lock"
            try fixture.write("", lock)
            try packed.change(adding: [BytePath("refs/x/one"): base])
            #expect(try fixture.hub.open().reference("refs/x/one") == base)
            #expect(!FileManager.default.fileExists(atPath: lock))
            try fixture.write("nonsense\n", fixture.hub.path + "/packed-refs")
            #expect(throws: GitError.self) { try packed.change(adding: [BytePath("refs/x/two"): base]) }
            #expect(!FileManager.default.fileExists(atPath: lock))
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
