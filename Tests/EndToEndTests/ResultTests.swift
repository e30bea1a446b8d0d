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

    @Test("a diff in a pipe holds binary files whole, on a terminal their names, and counts alone make no patch")
    func binaryDiff() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["a.txt": "one\n"])
            try await fixture.runner(
                "start", repository, "head -c 100000 /dev/urandom > c.bin; echo two >> a.txt", "--workflow", "script")
            let piped = try await fixture.runner("diff", "1").out
            #expect(piped.contains("GIT binary patch") && piped.contains("+two") && piped.utf8.count > 100_000)
            try fixture.write(piped, to: fixture.root + "/patch")
            try await fixture.git("apply", fixture.root + "/patch", in: repository)
            #expect(try await fixture.git("status", "--porcelain", in: repository) == " M a.txt\n?? c.bin")
            let shown = try await fixture.run(
                "/usr/bin/script", ["-qec", "\(RunnerFixture.build)/runner diff 1", "/dev/null"]
            ).out
            #expect(shown.contains("Binary files") && shown.contains("+two"), "\(shown.prefix(500))")
            #expect(!shown.contains("GIT binary patch"))
            let summary = try await fixture.runner("diff", "1", "--stat").out
            #expect(summary == "+1 -0\ta.txt\n+0 -0\tc.bin\n", "\(summary)")
        }
    }

    @Test("apply changes the linked worktree that a person stands in, and no other checkout")
    func applyHere() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["a.txt": "one\n"])
            let linked = fixture.root + "/linked"
            try await fixture.git("worktree", "add", "-q", linked, in: repository)
            try await fixture.runner("start", repository, "echo changed > a.txt", "--workflow", "script")
            let applied = try await fixture.run(RunnerFixture.build + "/runner", ["apply", "1"], in: linked)
            #expect(applied.status == 0, "\(applied.err)")
            #expect(try await fixture.git("status", "--porcelain", in: linked) == " M a.txt")
            #expect(try await fixture.git("status", "--porcelain", in: repository).isEmpty)
            // The control: anywhere else it is the checkout that was registered.
            #expect(try await fixture.run(RunnerFixture.build + "/runner", ["apply", "1"], in: "/").status == 0)
            #expect(try await fixture.git("status", "--porcelain", in: repository) == " M a.txt")
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
            #expect(try await fixture.runner("env", "show", "1").out.contains("not pushed"))
            let pushed = try await fixture.runner("push", "1", "--as", "topic/x")
            #expect(pushed.status == 0, "\(pushed.err)")
            #expect(pushed.out == "topic/x\n")
            #expect(try await fixture.git("show", "topic/x:x", in: repository) == "x")
            let shown = try await fixture.runner("env", "show", "1").out
            #expect(shown.contains("pushed: origin/topic/x"), "\(shown)")
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
