import Foundation
import Testing

/// What agents do to the `.git` file of their worktree, and what the steps after them find.
@Suite("a damaged .git file")
struct LinkDamageTests {
    private static func workflow(_ damage: String) -> String {
        """
        name: damage
        steps:
          - id: one
            run: |
              echo work > work.txt
              \(damage)
          - id: two
            run: git log --oneline
        """
    }

    @Test(
        "one that is gone or leads nowhere is written again, the step's work is committed, and a note says so",
        arguments: ["rm .git", "echo 'gitdir: /nonexistent' > .git", "echo nonsense > .git"])
    func mended(damage: String) async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(Self.workflow(damage), to: fixture.root + "/damage.yaml")
            let started = try await fixture.runner(
                "start", repository, "x", "--workflow", fixture.root + "/damage.yaml")
            #expect(started.status == 0, "\(started.err)")
            #expect(started.err.contains("which were mended"), "\(started.err)")
            #expect(try await fixture.runner("log", "1", "two").out.contains("one: x"))
            #expect(try await fixture.runner("clean", "1").status == 0)
        }
    }

    @Test("what a step took from its worktree and its .git file is given back, with a note, and the next step works")
    func permissions() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(Self.workflow("chmod 000 .git . || true"), to: fixture.root + "/damage.yaml")
            let started = try await fixture.runner(
                "start", repository, "x", "--workflow", fixture.root + "/damage.yaml")
            #expect(started.status == 0, "\(started.err)")
            #expect(started.err.contains("it took the permissions from its worktree, which were given back"))
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            for path in [worktree, worktree + "/.git"] {
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
                #expect((mode ?? 0) & 0o600 == 0o600, "\(path)")
            }
            #expect(try await fixture.runner("log", "1", "two").out.contains("one: x"))
            #expect(try await fixture.runner("clean", "1").status == 0)
        }
    }

    @Test("what a step took from the clone, which all tasks share, is given back with a note")
    func sharedPermissions() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let note = "it took the permissions from the runner's clone, which were given back"
            let damage = "chmod -R a-w \"$(git rev-parse --git-common-dir)\"; echo x > x"
            let first = try await fixture.runner("start", repository, damage, "--workflow", "script")
            #expect(first.status == 0 && first.err.contains(note), "\(first.err)")
            let second = try await fixture.runner("start", repository, "echo y > y", "--workflow", "script")
            #expect(second.status == 0 && !second.err.contains(note), "\(second.err)")
        }
    }

    @Test("locks of a killed git in the clone, which all tasks share, are taken away with a note")
    func sharedLocks() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let damage = "cd \"$(git rev-parse --git-common-dir)\" && touch config.lock packed-refs.lock"
            let first = try await fixture.runner("start", repository, damage, "--workflow", "script")
            #expect(first.status == 0, "\(first.err)")
            #expect(first.err.contains("a lock that a killed git had left in the runner's clone"), "\(first.err)")
            let use = "git config a.b c && git branch x && git pack-refs --all && git branch -D x"
            let second = try await fixture.runner("start", repository, use, "--workflow", "script")
            #expect(second.status == 0, "\(second.err)")
            #expect(!second.err.contains("a lock"), "\(second.err)")
        }
    }

    @Test(
        "a clone that a step took apart is made whole by verify, by the next start or by retry, and says what to do",
        arguments: ["objects", "refs", "HEAD"])
    func takenApart(part: String) async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let damage =
                "test -e \(fixture.root)/done || rm -rf \"$(git rev-parse --git-common-dir)/\(part)\"; echo x > x"
            let first = try await fixture.runner("start", repository, damage, "--workflow", "script")
            #expect(first.status != 0)
            let diff = try await fixture.runner("diff", "1")
            #expect(diff.status != 0 && diff.err.contains("runner repo verify"), "\(diff.err)")
            let second = try await fixture.runner("start", repository, "echo y > y", "--workflow", "script")
            #expect(second.status == 0, "\(second.err)")
            let clone = try await fixture.runner("repo", "verify", "project")
            #expect(clone.status == 0, "\(clone.err)")
            // Once more, and only by retry.
            let third = try await fixture.runner("start", repository, damage, "--workflow", "script")
            #expect(third.status != 0)
            try fixture.write("", to: fixture.root + "/done")
            let retried = try await fixture.runner("retry", "3")
            #expect(retried.status == 0, "\(retried.err)")
            #expect(retried.err.contains("was made anew"), "\(retried.err)")
            #expect(try await fixture.runner("diff", "3", "--stat").out.contains("x"))
        }
    }

    @Test("what keeps git from working in all worktrees is undone after the step, and what else it configured stays")
    func configuration() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let damage = """
                git config alias.kept status
                      git sparse-checkout set --no-cone '/*'
                      git config core.worktree /tmp
                """
            try fixture.write(Self.workflow(damage), to: fixture.root + "/damage.yaml")
            let started = try await fixture.runner(
                "start", repository, "x", "--workflow", fixture.root + "/damage.yaml")
            #expect(started.status == 0 && started.err.contains("which were mended"), "\(started.err)")
            // A process of its own, which begins with a configuration that is not as the runner wrote it.
            for _ in 0..<2 {
                let again = try await fixture.runner("retry", "1", "--from", "two")
                #expect(again.status == 0, "\(again.err)")
                let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
                try await fixture.git("config", "alias.kept", "status", in: worktree)
            }
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try await fixture.git("config", "alias.kept", in: worktree) == "status")
        }
    }

    @Test("a repository in its place is left alone and told; moved away, a retry has the task's again")
    func replaced() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let commit = "git -c user.name=A -c user.email=a@localhost commit -qm fresh"
            try fixture.write(
                Self.workflow("rm .git; git init -q; git add -A; \(commit)"), to: fixture.root + "/damage.yaml")
            let started = try await fixture.runner(
                "start", repository, "x", "--workflow", fixture.root + "/damage.yaml")
            #expect(started.status == 0, "\(started.err)")
            #expect(started.err.contains("is another repository now"), "\(started.err)")
            #expect(try await fixture.runner("log", "1", "two").out.contains("fresh"))
            #expect(try await fixture.runner("diff", "1").out.contains("+work"))
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try FileManager.default.moveItem(atPath: worktree + "/.git", toPath: fixture.root + "/aside")
            let retried = try await fixture.runner("retry", "1", "--from", "two")
            #expect(retried.status == 0, "\(retried.err)")
            #expect(!retried.err.contains("another repository"), "\(retried.err)")
            #expect(try await fixture.runner("log", "1", "two", "--attempt", "2").out.contains("one: x"))
        }
    }
}
