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

    @Test(
        "an apply that fails in the middle leaves every file as it was, uncommitted work too; one that was killed is told"
    )
    func applyCutOff() async throws {
        try await RunnerFixture.with { fixture in
            let lines = (1...30).map { "line \($0)\n" }.joined()
            let repository = try await fixture.makeRepository(files: ["a.txt": lines, "b.txt": "two\n"])
            try await fixture.runner(
                "start", repository,
                "sed -i 's/line 1$/changed/' a.txt; rm b.txt; mkdir -p new/deep; head -c 600000 /dev/zero > new/deep/big",
                "--workflow", "script")
            try fixture.write(lines + "mine\n", to: repository + "/a.txt")
            let before = try await fixture.manifest(repository)
            // git removes all old files, then it meets the limit of a file's size at the large one.
            let limited = "ulimit -c 0; ulimit -f 300; exec '\(RunnerFixture.build)/runner' apply 1"
            let failed = try await fixture.run("/bin/bash", ["-c", limited])
            #expect(failed.status == 3 && failed.err.contains("your files are as they were"), "\(failed)")
            #expect(try await fixture.manifest(repository) == before)
            #expect(try await fixture.git("status", "--porcelain", in: repository) == " M a.txt")
            #expect(
                try !FileManager.default.contentsOfDirectory(atPath: repository + "/.git").contains {
                    $0.hasPrefix("runner-")
                })
            // What a killed one leaves is the person's, and is not passed over.
            let left = repository + "/.git/runner-apply-x"
            try fixture.write("mine\n", to: left + "/a.txt")
            let refused = try await fixture.runner("apply", "1")
            #expect(refused.status == 3 && refused.err.contains(left), "\(refused.err)")
            try FileManager.default.removeItem(atPath: left)
            let applied = try await fixture.runner("apply", "1")
            #expect(applied.status == 0, "\(applied.err)")
            let text = try String(contentsOfFile: repository + "/a.txt", encoding: .utf8)
            #expect(text.hasPrefix("changed\n") && text.hasSuffix("line 30\nmine\n"))
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
