import Foundation
import Testing

/// Steps that the runner does itself.
@Suite("tool steps")
struct ToolStepTests {
    private func start(
        _ fixture: RunnerFixture, _ repository: String, _ steps: String, extra: [String: String] = [:]
    ) async throws -> RunnerFixture.Output {
        try fixture.write("name: flow\nsteps:\n" + steps, to: fixture.root + "/flow.yaml")
        return try await fixture.runner(
            "start", repository, "task", "--workflow", fixture.root + "/flow.yaml", extra: extra)
    }

    private func steps(_ fixture: RunnerFixture) async throws -> [String: StepJSON] {
        let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
        return Dictionary(uniqueKeysWithValues: steps.map { ($0.key, $0) })
    }

    private func worktree(_ fixture: RunnerFixture) async throws -> String {
        try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
    }

    @Test("fetch and rebase bring the work on top of what the origin has by now, and the diff is the task's own")
    func rebase() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let flow = """
                  - { id: one, run: echo 1 > one.txt }
                  - { id: two, run: echo 2 > two.txt }
                  - id: meanwhile
                    run: |
                      cd '\(repository)'
                      echo newer > upstream.txt
                      git add -A
                      git -c user.name=Other -c user.email=other@localhost commit -q -m upstream
                  - { id: news, tool: fetch }
                  - { id: top, tool: rebase }
                  - id: after
                    env: { BEHIND: "{{ steps.news.outputs.behind }}", COMMITS: "{{ steps.top.outputs.commits }}" }
                    run: cat upstream.txt one.txt two.txt; echo "$BEHIND $COMMITS"; echo 3 > three.txt
                """
            let started = try await start(fixture, repository, flow)
            #expect(started.status == 0, "\(started.err)")
            #expect(try await fixture.runner("log", "1", "after").out == "newer\n1\n2\n1 2\n")
            let worktree = try await worktree(fixture)
            let log = try await fixture.git("log", "--format=%an %s", in: worktree)
            #expect(log.split(separator: "\n").suffix(2) == ["Other upstream", "Tester first"], "\(log)")
            #expect(try await fixture.git("status", "--porcelain", in: worktree).isEmpty)
            let diff = try await fixture.runner("diff", "1").out
            #expect(diff.contains("three.txt") && diff.contains("one.txt") && !diff.contains("upstream.txt"), "\(diff)")
            // The checkpoints of before are still there.
            let back = try await fixture.runner("rewind", "1", "--to", "two")
            #expect(back.status == 0, "\(back.err)")
            #expect(!FileManager.default.fileExists(atPath: worktree + "/upstream.txt"))
            let earlier = try await fixture.runner("diff", "1").out
            #expect(earlier.contains("two.txt") && !earlier.contains("upstream.txt"), "\(earlier)")
        }
    }

    @Test("a rebase that conflicts fails by the files' names and changes nothing; the workflow can go on from there")
    func conflict() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let flow = """
                  - { id: one, run: echo own > README.md }
                  - id: meanwhile
                    run: |
                      cd '\(repository)'
                      echo theirs > README.md
                      git -c user.name=Other -c user.email=other@localhost commit -qam upstream
                  - { id: news, tool: fetch }
                  - { id: top, tool: rebase, continue-on-error: true }
                  - { id: after, run: cat README.md }
                """
            let started = try await start(fixture, repository, flow)
            #expect(started.status == 0, "\(started.err)")
            let error = try await steps(fixture)["top"]?.attempts.first?.error
            #expect(error?.contains("conflicts with main in README.md; nothing was changed") == true, "\(error ?? "")")
            #expect(try await fixture.runner("log", "1", "after").out == "own\n")
        }
    }

    @Test("a rebase refuses to lose what is in no commit")
    func dirty() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let flow = """
                  - { id: one, run: echo own > left.txt, writes: false, continue-on-error: true }
                  - { id: top, tool: rebase, continue-on-error: true }
                  - { id: keep, tool: commit, with: { message: "left over" } }
                  - { id: again, tool: rebase }
                """
            let started = try await start(fixture, repository, flow)
            #expect(started.status == 0, "\(started.err)")
            let steps = try await steps(fixture)
            #expect(steps["top"]?.attempts.first?.error?.contains("changes that are in no commit") == true)
            #expect(steps["again"]?.status == "succeeded")
            let subject = try await fixture.git("log", "-1", "--format=%s%n%b", in: try await worktree(fixture))
            #expect(subject.hasPrefix("left over\nRunner-Task: 1\n"), "\(subject)")
        }
    }

    @Test("squash makes one commit of all, with the message that was given, and push publishes it")
    func squash() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let flow = """
                  - { id: one, run: echo 1 > one.txt }
                  - { id: two, run: echo 2 > two.txt && rm README.md }
                  - id: all
                    tool: commit
                    with:
                      message: |
                        {{ task.title }}: done

                        All of it.
                      squash: true
                  - { id: out, tool: push, with: { as: "ready/{{ task.number }}" } }
                """
            let started = try await start(fixture, repository, flow)
            #expect(started.status == 0, "\(started.err)")
            let log = try await fixture.git("log", "--format=%s|%b", "ready/1", in: repository)
            #expect(log.hasPrefix("task: done|All of it.\n\nRunner-Task: 1\n"), "\(log)")
            #expect(try await fixture.git("rev-list", "--count", "ready/1", in: repository) == "2")
            let files = try await fixture.git("ls-tree", "--name-only", "ready/1", in: repository)
            #expect(files == "one.txt\ntwo.txt")
            #expect(try await fixture.git("status", "--porcelain", in: try await worktree(fixture)).isEmpty)
        }
    }

    @Test("files become artifacts under templated paths; what leads outside or is not there fails the step")
    func artifact() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let flow = """
                  - { id: one, run: "mkdir out && echo text > out/1.md && ln -s /etc/passwd out/link" }
                  - { id: keep, tool: artifact, with: { report.md: "out/{{ task.number }}.md" } }
                  - { id: gone, tool: artifact, with: { x: out/none }, continue-on-error: true }
                  - { id: link, tool: artifact, with: { x: out/link }, continue-on-error: true }
                  - { id: up, tool: artifact, with: { x: "{{ '../' }}x" }, continue-on-error: true }
                """
            let started = try await start(fixture, repository, flow)
            #expect(started.status == 0, "\(started.err)")
            #expect(try await fixture.runner("artifact", "show", "1", "report.md").out == "text\n")
            let steps = try await steps(fixture)
            #expect(steps["gone"]?.attempts.first?.error?.contains("is not there") == true)
            #expect(steps["link"]?.attempts.first?.error?.contains("without a link") == true)
            #expect(steps["up"]?.attempts.first?.error?.contains("no path of a file inside the worktree") == true)
            #expect(try await fixture.runner("artifact", "show", "1", "x").status != 0)
        }
    }

    @Test("a notification is an event and reaches the user's own program; a program that fails, fails the step")
    func notification() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let inbox = fixture.root + "/inbox"
            let flow = """
                  - { id: tell, tool: notify, with: { message: "task {{ task.number }}: $(touch x) done" } }
                """
            let program = "cat >> '\(inbox)'; printf '%s' \"$RUNNER_STEP ${RUNNER_DATABASE_URL-none}\" >> '\(inbox)'"
            let started = try await start(fixture, repository, flow, extra: ["RUNNER_NOTIFY": program])
            #expect(started.status == 0, "\(started.err)")
            #expect(try String(contentsOfFile: inbox, encoding: .utf8) == "task 1: $(touch x) done\ntell none")
            #expect(try await fixture.runner("events", "1", "--json").out.contains("\"step.notified\""))
            let failed = try await fixture.runner(
                "retry", "1", "--from", "tell", extra: ["RUNNER_NOTIFY": "echo no >&2; exit 7"])
            #expect(failed.status == 1)
            let attempt = try await steps(fixture)["tell"]?.attempts.last
            #expect(attempt?.error?.contains("RUNNER_NOTIFY failed") == true)
        }
    }

    @Test("a program that does not read its message, and one that never ends, harm neither the worker nor a cancel")
    func deafProgram() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let long = String(repeating: "x", count: 200_000)
            let flow = "  - { id: tell, tool: notify, with: { message: \(long) } }\n"
            let started = try await start(fixture, repository, flow, extra: ["RUNNER_NOTIFY": "exit 0"])
            #expect(started.status == 0, "\(started.err.suffix(500))")
            let mark = fixture.root + "/mark"
            let hanging = try await fixture.runner(
                "start", repository, "task", "--workflow", fixture.root + "/flow.yaml", "--detach",
                extra: ["RUNNER_NOTIFY": "touch '\(mark)'; sleep 300"])
            #expect(hanging.status == 0, "\(hanging.err)")
            try await fixture.eventually("it notifies") { FileManager.default.fileExists(atPath: mark) }
            #expect(try await fixture.runner("cancel", "2").status == 0)
            try await fixture.eventually("it is cancelled") {
                let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
                return rows.first { $0.number == 2 }?.status == "cancelled"
            }
            try await fixture.eventually("the program has ended") {
                fixture.processIDs { $0.contains("sleep 300") && $0.contains(mark) }.isEmpty
            }
        }
    }

    @Test("neither a rebase nor a squash takes a merge that is unfinished, or writes over a file outside of Git")
    func unfinished() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["README.md": "hello\n", ".gitignore": ".env\n"])
            let git = "git -c user.name=Other -c user.email=other@localhost"
            let flow = """
                  - { id: one, run: "echo own > README.md && echo secret > .env" }
                  - id: meanwhile
                    run: cd '\(repository)' && echo theirs > .env && git add -f .env && \(git) commit -qm upstream
                  - { id: news, tool: fetch }
                  - { id: top, tool: rebase, continue-on-error: true }
                  - id: half
                    run: |
                      git checkout -q -b side HEAD~1
                      echo other > README.md
                      \(git) commit -qam side
                      git checkout -q -
                      \(git) merge side || true
                    continue-on-error: true
                  - { id: all, tool: commit, with: { message: all, squash: true }, continue-on-error: true }
                """
            let started = try await start(fixture, repository, flow)
            #expect(started.status == 0, "\(started.err)")
            let steps = try await steps(fixture)
            let top = steps["top"]?.attempts.first?.error
            #expect(top?.contains("brings the file .env") == true, "\(top ?? "")")
            let worktree = try await worktree(fixture)
            #expect(try String(contentsOfFile: worktree + "/.env", encoding: .utf8) == "secret\n")
            let all = steps["all"]?.attempts.first?.error
            #expect(all?.contains("a merge is unfinished") == true, "\(all ?? "")")
        }
    }
}
