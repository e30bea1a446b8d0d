import Foundation
import Testing

@Suite("runner start")
struct StartTests {
    @Test("git in a step opens no editor, which nobody would see: what it proposes is taken, or it fails at once")
    func editor() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let file = fixture.root + "/e.yaml"
            let text = """
                name: e
                steps:
                  - id: amend
                    timeout: 1m
                    run: |
                      git commit -q --allow-empty -m own
                      git commit -q --allow-empty --amend
                      git rebase -q -i HEAD~1
                  - id: own
                    env: { GIT_EDITOR: "printf edited >" }
                    run: git commit -q --allow-empty
                  - { id: none, timeout: 1m, run: "git commit --allow-empty" }
                """
            try fixture.write(text, to: file)
            // As if a person had one that never ends.
            try fixture.write("#!/bin/sh\nsleep 600\n", to: fixture.root + "/bin/editor", mode: 0o755)
            try await fixture.git("config", "--global", "core.editor", "editor", in: repository)
            let started = try await fixture.runner(
                "start", repository, "x", "--workflow", file, extra: ["TERM": "xterm"])
            #expect(started.status == 1 && started.err.contains("empty commit message"), "\(started.err)")
            let path = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try await fixture.git("log", "--format=%s", "-2", in: path) == "edited\nown")
        }
    }

    @Test("runs a script, commits with trailers, publishes the branch and leaves the checkout alone")
    func script() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write("mine\n", to: repository + "/uncommitted.txt")
            let before = try await fixture.git("status", "--porcelain=v2", "--branch", in: repository)
            let started = try await fixture.runner(
                "start", repository, "echo made > made.txt && rm README.md", "--workflow", "script")
            #expect(started.status == 0, "\(started.err)")
            #expect(started.out == "1\n")
            let view = try await fixture.runner("show", "1", "--json").json(ShowJSON.self)
            let branch = try #require(view.branch)
            #expect(branch.hasPrefix("runner/1-"))
            let message = try await fixture.git("log", "-1", "--format=%B", branch, in: repository)
            #expect(message.contains("Runner-Task: 1\n"))
            #expect(message.contains("Runner-Step: "))
            let names = try await fixture.git("diff", "--name-status", "main", branch, in: repository)
            #expect(names == "D\tREADME.md\nA\tmade.txt")
            #expect(try await fixture.git("status", "--porcelain=v2", "--branch", in: repository) == before)
            #expect(view.cleanupAfter != nil)
        }
    }

    @Test("every attempt has both commits, and the hub is whole")
    func commits() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("start", repository, "echo x > x", "--workflow", "script")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            let hub = try #require(
                try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/hubs").first {
                    $0.hasSuffix(".git")
                })
            let path = fixture.home + "/hubs/" + hub
            for attempt in steps.flatMap(\.attempts) {
                for commit in [attempt.commitBefore, attempt.commitAfter] {
                    #expect(try await fixture.git("cat-file", "-t", try #require(commit), in: path) == "commit")
                }
            }
            #expect(!steps.flatMap(\.attempts).isEmpty)
            try await fixture.git("fsck", "--strict", in: path)
            let refs = try await fixture.git("for-each-ref", "--format=%(refname)", "refs/runner", in: path)
            #expect(refs.contains("refs/runner/1/base"))
            #expect(refs.contains("refs/runner/1/1/"))
            #expect(refs.contains(".before"))
        }
    }

    @Test("the demo workflow repairs its failing check and runs the command agent")
    func demo() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let started = try await fixture.runner("start", repository, "Write a greeting", "--workflow", "demo")
            #expect(started.status == 0, "\(started.err)")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.contains { $0.attempts.contains { $0.status == "failed" } })
            #expect(steps.contains { $0.attempts.contains { $0.agent == "command" && $0.status == "succeeded" } })
        }
    }

    @Test("any command line is an agent: its prompt comes on standard input")
    func command() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(
                """
                name: one
                steps:
                  - id: work
                    agent: default
                    prompt: "Do this: {{ task.prompt }}"
                """, to: fixture.root + "/one.yaml")
            let started = try await fixture.runner(
                "start", repository, "say \"hi\"", "--workflow", fixture.root + "/one.yaml", "--command",
                "cat > asked.txt")
            #expect(started.status == 0, "\(started.err)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try String(contentsOfFile: worktree + "/asked.txt", encoding: .utf8) == "Do this: say \"hi\"")
        }
    }

    @Test("a failing step fails the run with status 1, keeps the work and can be retried")
    func failure() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let started = try await fixture.runner(
                "start", repository, "echo half >> half.txt; test -e \(fixture.root)/go", "--workflow", "script")
            #expect(started.status == 1)
            #expect(started.err.contains("exit status 1") || started.err.contains("exit 1"))
            try fixture.write("", to: fixture.root + "/go")
            let retried = try await fixture.runner("retry", "1")
            #expect(retried.status == 0, "\(retried.err)")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.contains { $0.attempts.map(\.status) == ["failed", "succeeded"] })
            let diff = try await fixture.runner("diff", "1").out
            #expect(diff.contains("+half"))
        }
    }

    @Test("what a failing script said last is told where the failure is: at once, by show, in JSON")
    func lastWords() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let started = try await fixture.runner(
                "start", repository, "echo first; echo 'no rule to make it' >&2; exit 3", "--workflow", "script")
            #expect(started.status == 1)
            let sentence = "run failed: step \"script\" failed: exit status 3: no rule to make it"
            #expect(started.err.contains(sentence), "\(started.err)")
            #expect(try await fixture.runner("show", "1").out.contains("exit status 3: no rule to make it"))
            let steps = try await fixture.runner("steps", "1", "--json").out
            #expect(steps.contains("\"exit status 3: no rule to make it\""), "\(steps)")
        }
    }

    @Test("twenty starts at once on a new repository all end, with distinct numbers, branches and worktrees")
    func concurrent() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await withThrowingTaskGroup(of: RunnerFixture.Output.self) { group in
                for index in 0..<20 {
                    group.addTask {
                        try await fixture.runner(
                            "start", repository, "echo \(index) > f\(index)", "--workflow", "script")
                    }
                }
                for try await output in group { #expect(output.status == 0, "\(output.err)") }
            }
            let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
            #expect(Set(rows.map(\.number)).count == 20)
            #expect(Set(rows.compactMap(\.branch)).count == 20)
            #expect(Set(rows.compactMap(\.worktreePath)).count == 20)
            #expect(rows.allSatisfy { $0.status == "completed" })
            let branches = try await fixture.git("branch", "--list", "runner/*", in: repository)
            #expect(branches.split(separator: "\n").count == 20)
            #expect(try await fixture.runner("repo", "list", "--json").json([RepositoryJSON].self).count == 1)
        }
    }

    @Test("a remote repository is cloned, worked on and pushed through git with the user's SSH command")
    func remote() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let bare = fixture.root + "/served.git"
            try await fixture.git("clone", "-q", "--bare", repository, bare, in: fixture.root)
            // What ssh does for git: run the command it was given, here on this machine.
            try fixture.write(
                "#!/bin/sh\nfor last; do :; done\neval \"$(echo \"$last\" | sed \"s#'.*'#'\(bare)'#\")\"\n",
                to: fixture.root + "/ssh", mode: 0o755)
            let extra = ["GIT_SSH_COMMAND": fixture.root + "/ssh"]
            let started = try await fixture.runner(
                "start", "ssh://git@git.example.com/team/project.git", "echo r > r", "--workflow", "script",
                extra: extra)
            #expect(started.status == 0, "\(started.err)")
            #expect(try await fixture.git("branch", "--list", "runner/*", in: bare).isEmpty)
            let pushed = try await fixture.runner("push", "1", extra: extra)
            #expect(pushed.status == 0, "\(pushed.err)")
            #expect(!(try await fixture.git("branch", "--list", "runner/*", in: bare).isEmpty))
        }
    }

    @Test("on a terminal the saving of what a step changed is said")
    func saving() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let command = "'\(RunnerFixture.build)/runner' start '\(repository)' 'echo x > x' --workflow script"
            let shown = try await fixture.run("/usr/bin/script", ["-qec", command, "/dev/null"])
            #expect(shown.status == 0 && shown.out.contains("script: its changes are being saved"), "\(shown.out)")
            // The control: in a pipe there is no line that another replaces.
            let piped = try await fixture.runner("start", repository, "echo x > x", "--workflow", "script")
            #expect(piped.status == 0 && !piped.err.contains("being saved"), "\(piped.err)")
        }
    }
}

struct RepositoryJSON: Decodable {
    let name: String
    let url: String
}
