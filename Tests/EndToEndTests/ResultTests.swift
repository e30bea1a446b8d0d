import Foundation
import Testing

@Suite("push and apply")
struct ResultTests {
    @Test("apply puts the changes onto the checkout, uncommitted; a conflict changes nothing")
    func apply() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["a.txt": "one\n", "b.txt": "two\n"])
            try await fixture.runner(
                "start", repository, "echo changed > a.txt; rm b.txt; printf '\\000\\001' > c.bin", "--workflow",
                "script")
            let head = try await fixture.git("rev-parse", "HEAD", in: repository)
            try fixture.write("in the way\n", to: repository + "/a.txt")
            let refused = try await fixture.runner("apply", "1")
            #expect(refused.status == 3, "\(refused.err)")
            #expect(try await fixture.git("status", "--porcelain", in: repository) == " M a.txt")
            try await fixture.git("checkout", "-q", "a.txt", in: repository)
            let applied = try await fixture.runner("apply", "1")
            #expect(applied.status == 0, "\(applied.err)")
            #expect(try await fixture.git("status", "--porcelain", in: repository) == " M a.txt\n D b.txt\n?? c.bin")
            #expect(try await fixture.git("rev-parse", "HEAD", in: repository) == head)
        }
    }

    @Test("publish never keeps the branch out of the origin until it is pushed")
    func publishNever() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("repo", "add", repository)
            try await fixture.runner("repo", "update", "project", "--publish", "never")
            try await fixture.runner("start", "project", "echo x > x", "--workflow", "script")
            #expect(try await fixture.git("branch", "--list", "runner/*", in: repository).isEmpty)
            let pushed = try await fixture.runner("push", "1", "--as", "topic/x")
            #expect(pushed.status == 0, "\(pushed.err)")
            #expect(pushed.out == "topic/x\n")
            #expect(try await fixture.git("show", "topic/x:x", in: repository) == "x")
        }
    }

    @Test("a branch that is checked out at the origin is not moved")
    func checkedOut() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("start", repository, "echo x > x", "--workflow", "script")
            let refused = try await fixture.runner("push", "1", "--as", "main")
            #expect(refused.status == 3)
            #expect(refused.err.contains("checked out"), "\(refused.err)")
            #expect(try await fixture.git("log", "--format=%s", "main", in: repository) == "first")
        }
    }
}
