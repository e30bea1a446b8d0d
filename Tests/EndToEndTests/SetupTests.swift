import Foundation
import Testing

@Suite("set-up and tear-down")
struct SetupTests {
    private static let scripts = """
        setup: |
          echo "ready on $PORT" > ready.txt
        teardown: |
          echo "as allowed" >> "$HOME/torn-down"

        """

    private func path(_ fixture: RunnerFixture, _ task: Int) async throws -> String {
        try await fixture.runner("path", "\(task)").out.trimmingCharacters(in: .newlines)
    }

    private func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    @Test("scripts that a repository brings run only after consent to this very content; start says how to give it")
    func consent() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: [
                ".runner.yaml": Self.scripts, ".gitignore": "ready.txt\n",
            ])
            let start = { try await fixture.runner("start", repository, "cat ready.txt", "--workflow", "script") }
            let refused = try await start()
            let hash = try await fixture.runner("repo", "scripts", "project", "--quiet").out.trimmingCharacters(
                in: .newlines)
            #expect(refused.status == 3 && hash.count == 64)
            #expect(refused.err.contains("runner repo allow project \(hash)"), "\(refused.err)")
            #expect(
                refused.err.contains("--no-setup") && refused.err.split(separator: "\n").count <= 2, "\(refused.err)")
            #expect(try await fixture.runner("list", "--quiet").out == "")
            let shown = try await fixture.runner("repo", "scripts", "project")
            #expect(shown.out == Self.scripts, "\(shown.out)")
            // Another hash allows nothing.
            let other = String(repeating: "0", count: 64)
            #expect(try await fixture.runner("repo", "allow", "project", other).status == 0)
            #expect(try await start().status == 3)
            #expect(try await fixture.runner("repo", "allow", "project", "short").status == 2)
            #expect(try await fixture.runner("repo", "allow", "project", hash).status == 0)
            let started = try await start()
            #expect(started.status == 0 && started.out == "1\n", "\(started.err)")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.map(\.key) == ["setup", "run"] || steps.first?.key == "setup")
            // A change asks again; what is on the command line goes without.
            try fixture.write(Self.scripts + "# changed\n", to: repository + "/.runner.yaml")
            try await fixture.git("commit", "-qam", "changed", in: repository)
            #expect(try await start().status == 3)
            let bare = try await fixture.runner(
                "start", repository, "test ! -e ready.txt", "--workflow", "script", "--no-setup")
            #expect(bare.status == 0, "\(bare.err)")
            #expect(try await fixture.runner("repo", "allow", "project", hash, "--withdraw").status == 0)
            try await fixture.git("revert", "--no-edit", "HEAD", in: repository)
            #expect(try await start().status == 3)
        }
    }

    @Test("the tear-down that was allowed runs before a worktree goes, whatever a step made of the file")
    func teardown() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: [".runner.yaml": Self.scripts])
            let marker = fixture.root + "/home/torn-down"
            try await fixture.runner("repo", "add", repository)
            let hash = try await fixture.runner("repo", "scripts", "project", "--quiet").out.trimmingCharacters(
                in: .newlines)
            try await fixture.runner("repo", "allow", "project", hash)
            let script = "echo 'teardown: echo evil >> \"$HOME/torn-down\"' > .runner.yaml"
            let started = try await fixture.runner("start", repository, script, "--workflow", "script")
            #expect(started.status == 0 && read(marker) == nil, "\(started.err)")
            #expect(try await fixture.runner("clean", "1", "--dry-run").status == 0)
            #expect(read(marker) == nil)
            let cleaned = try await fixture.runner("clean", "1")
            #expect(cleaned.status == 0 && read(marker) == "as allowed\n", "\(cleaned.err)")
            let attempts = try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/attempts")
            #expect(attempts == [])
        }
    }

    @Test("a tear-down that fails is told and keeps nothing")
    func brokenTeardown() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("repo", "add", repository)
            try await fixture.runner("repo", "update", "project", "--teardown", "echo why; exit 5")
            try await fixture.runner("start", repository, "true", "--workflow", "script")
            let worktree = try await path(fixture, 1)
            let cleaned = try await fixture.runner("clean", "1")
            #expect(cleaned.status == 0 && cleaned.out.contains("tear-down failed: exit status 5"), "\(cleaned.out)")
            #expect(!FileManager.default.fileExists(atPath: worktree))
            #expect(try await fixture.runner("events", "1").out.contains("why"))
        }
    }

    @Test(
        "a set-up that fails is tried again and stops the run, always() steps included; its exit status can say more",
        arguments: [("exit 1", 3, 0), ("exit 78", 1, 0), ("test \"$(wc -l < \"$HOME/tries\")\" -ge 3", 3, 1)])
    func retried(script: String, attempts: Int, later: Int) async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("repo", "add", repository)
            let updated = try await fixture.runner(
                "repo", "update", "project", "--setup", "echo >> \"$HOME/tries\"\n\(script)")
            #expect(updated.status == 0, "\(updated.err)")
            try fixture.write(
                "name: w\nsteps:\n  - id: setup\n    run: 'true'\n  - id: last\n    if: always()\n    run: 'true'\n",
                to: fixture.root + "/w.yaml")
            let started = try await fixture.runner("start", repository, "t", "--workflow", fixture.root + "/w.yaml")
            #expect(started.status == (later == 1 ? 0 : 1), "\(started.err)")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.map(\.key) == ["environment-setup", "setup", "last"])
            #expect(steps.map(\.attempts.count) == [attempts, later, later])
            // A fork makes its own.
            guard later == 1 else { return }
            let forked = try await fixture.runner("fork", "1", "--step", "setup")
            #expect(forked.status == 0, "\(forked.err)")
            let again = try await fixture.runner("steps", "2", "--json").json([StepJSON].self)
            #expect(again.map(\.attempts.count) == [1, 0, 1])
        }
    }

    @Test("what a set-up made is copied into later worktrees with the same lock file, and nobody else's work with it")
    func dependencies() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: [".gitignore": "modules/\n", "lock": "1\n"])
            try await fixture.runner("repo", "add", repository)
            let setup = """
                [ "$RUNNER_DEPENDENCIES" = ready ] && exit 0
                mkdir -p modules/.bin; echo dep > modules/a; ln -s ../a modules/.bin/a; echo >> "$HOME/installs"
                """
            #expect(try await fixture.runner("repo", "update", "project", "--dependency", "modules=../x").status == 2)
            let updated = try await fixture.runner(
                "repo", "update", "project", "--setup", setup, "--dependency", "modules=lock")
            #expect(updated.status == 0, "\(updated.err)")
            let installs = { read(fixture.root + "/home/installs")?.count ?? 0 }
            // The step after the set-up spoils its own copy.
            let script = "test \"$(cat modules/.bin/a)\" = dep && echo evil > modules/a && echo evil > modules/evil"
            for task in 1...2 {
                let started = try await fixture.runner("start", repository, script, "--workflow", "script")
                #expect(started.status == 0, "\(started.err)")
                #expect(installs() == 1, "task \(task)")
                #expect(try await fixture.git("status", "--porcelain", in: try await path(fixture, task)) == "")
            }
            // A retry of the set-up after other steps keeps nothing of theirs.
            try fixture.write("2\n", to: repository + "/lock")
            try await fixture.git("commit", "-qam", "lock", in: repository)
            let changed = try await fixture.runner("start", repository, script, "--workflow", "script")
            #expect(changed.status == 0 && installs() == 2, "\(changed.err)")
            let kept = fixture.home + "/dependencies"
            let repositories = try FileManager.default.contentsOfDirectory(atPath: kept)
            let keys = try FileManager.default.contentsOfDirectory(
                atPath: "\(kept)/\(try #require(repositories.first))")
            #expect(repositories.count == 1 && keys.count == 2 && keys.allSatisfy { $0.count == 64 })
            // Other content of the lock file than what was checked out is another key, so nothing is kept.
            try await fixture.runner("repo", "update", "project", "--setup", setup + "\necho 3 > lock")
            let drifted = try await fixture.runner("start", repository, "true", "--workflow", "script")
            #expect(drifted.status == 0 && installs() == 3, "\(drifted.err)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(kept)/\(repositories[0])").count == 2)
        }
    }

    @Test("several runs of one process that make the same folder at once keep it, one of them for all")
    func dependenciesAtOnce() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: [".gitignore": "modules/\n", "lock": "1\n"])
            try await fixture.runner("repo", "add", repository)
            let setup = "mkdir modules; for i in $(seq 1500); do echo $i > modules/$i; done; chmod 500 modules"
            try await fixture.runner("repo", "update", "project", "--setup", setup, "--dependency", "modules=lock")
            try fixture.write("true\ntrue\ntrue\ntrue\n", to: fixture.root + "/tasks.txt")
            let batch = try await fixture.runner(
                "batch", "start", repository, "-w", "script", "--tasks", fixture.root + "/tasks.txt", "--width", "4")
            #expect(batch.status == 0 && !batch.err.contains("was not kept"), "\(batch.err)")
            let kept = fixture.home + "/dependencies"
            let folder = "\(kept)/\(try #require(try FileManager.default.contentsOfDirectory(atPath: kept).first))"
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(names.count == 1 && names.first?.count == 64, "\(names)")
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(names.first ?? "")")
            #expect(files.count == 1500)
        }
    }
}
