import Foundation
import Testing

/// The bundled workflows from end to end, with a recorded agent that does what is asked of each step.
@Suite("bundled workflows")
struct TemplateTests {
    private func start(
        _ fixture: RunnerFixture, _ workflow: String, agent: String, _ more: String..., files: [String: String]
    ) async throws -> (output: RunnerFixture.Output, repository: String) {
        let repository = try await fixture.makeRepository(files: files)
        try fixture.installRecordedAgent(agent)
        let output = try await fixture.run(
            RunnerFixture.build + "/runner",
            ["start", repository, "Repair the sum", "--workflow", workflow] + RunnerFixture.recordedAgent + more)
        return (output, repository)
    }

    private func steps(_ fixture: RunnerFixture) async throws -> [String: StepJSON] {
        let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
        return Dictionary(uniqueKeysWithValues: steps.map { ($0.key, $0) })
    }

    private func waits(_ fixture: RunnerFixture, at step: String) async throws {
        struct GateJSON: Decodable { let step: String }
        try await fixture.eventually("it waits at \(step)") {
            try await fixture.runner("approvals", "--json").json([GateJSON].self).map(\.step) == [step]
        }
    }

    private static let program = ["add.sh": "echo $(($1 - $2))\n", "Makefile": "test:\n\tsh -n add.sh\n"]

    @Test("bugfix: a test that fails first, a repair that needs two rounds, all tests at the end")
    func bugfix() async throws {
        let agent = """
            case "$RUNNER_STEP_ID" in
            reproduce)
                echo 'test "$(sh add.sh 2 3)" = 5' > sum-test.sh
                echo 'command=sh sum-test.sh' >> "$RUNNER_OUTPUT"; echo 'It subtracts.' ;;
            repair#1/fix) echo 'echo $(($1 * $2))' > add.sh; echo 'multiplied' ;;
            repair#2/fix) echo 'echo $(($1 + $2))' > add.sh; echo 'added' ;;
            esac
            """
        try await RunnerFixture.with { fixture in
            let (output, repository) = try await start(fixture, "bugfix", agent: agent, files: Self.program)
            #expect(output.status == 0, "\(output.err)")
            let steps = try await steps(fixture)
            #expect(steps["confirm"]?.status == "succeeded" && steps["repair#1/verify"]?.status == "failed")
            #expect(
                steps["repair#2/verify"]?.status == "succeeded" && steps["repair#2/regress/test"]?.status == "succeeded"
            )
            let prompt = try String(contentsOfFile: fixture.root + "/home/prompt-repair-2-fix", encoding: .utf8)
            #expect(prompt.contains("This is round 2 of 4") && prompt.contains("It subtracts."))
            let branch = try await fixture.git(
                "for-each-ref", "--format=%(refname:short)", "refs/heads/runner", in: repository)
            #expect(try await fixture.git("show", "\(branch):add.sh", in: repository) == "echo $(($1 + $2))")
        }
    }

    @Test("feature: plan, approval, work until the tests pass, review, rework, approval, publication")
    func feature() async throws {
        let agent = """
            case "$RUNNER_STEP_ID" in
            plan) echo 'The plan.' ;;
            build#1/implement) if [ -e broken ]; then echo 'echo $(($1 + $2))' > add.sh; rm broken; else
                echo 'if' > add.sh; touch broken; fi; echo implemented ;;
            build#2/implement) echo 'echo $(($1 + $2)) # better' > add.sh; rm -f broken; echo implemented ;;
            review) echo 'Verdict: accept' ;;
            esac
            """
        try await RunnerFixture.with { fixture in
            let (output, repository) = try await start(fixture, "feature", agent: agent, files: Self.program)
            #expect(output.status == 5 && output.err.contains("The plan."), "\(output.err)")
            #expect(try await fixture.runner("approve", "1").status == 0)
            try await waits(fixture, at: "approve-change")
            var steps = try await steps(fixture)
            #expect(
                steps["build#1/check/test"]?.status == "failed" && steps["build#2/check/test"]?.status == "succeeded")
            #expect(try await fixture.runner("reject", "1", "--note", "once more").status == 0)
            try await fixture.eventually("the review was done again") {
                try await self.steps(fixture)["review"]?.attempts.count == 2
            }
            try await waits(fixture, at: "approve-change")
            #expect(try await fixture.runner("approve", "1").status == 0)
            try await fixture.eventually("it has ended") {
                try await fixture.runner("list", "--json").json([TaskRowJSON].self).first?.status == "completed"
            }
            steps = try await self.steps(fixture)
            #expect(steps["publish"]?.status == "succeeded")
            #expect(try await fixture.git("branch", "--list", "runner/1-*", in: repository).contains("runner/1-"))
        }
    }

    @Test("review: three look side by side, one sums up, nothing is changed")
    func review() async throws {
        let agent = """
            case "$RUNNER_STEP_ID" in summary) echo 'Verdict: rework' ;; *) echo "seen by $RUNNER_STEP_ID" ;; esac
            """
        try await RunnerFixture.with { fixture in
            let (output, _) = try await start(fixture, "review", agent: agent, files: Self.program)
            #expect(output.status == 0, "\(output.err)")
            let prompt = try String(contentsOfFile: fixture.root + "/home/prompt-summary", encoding: .utf8)
            for name in ["correctness", "security", "clarity"] {
                #expect(prompt.contains("seen by reviewers/\(name)"))
            }
            #expect(try await steps(fixture).values.flatMap(\.attempts).allSatisfy { $0.filesChanged == 0 })
        }
    }

    @Test("best-of: three candidates, the judge's choice goes on, the others stay to be looked at")
    func bestOf() async throws {
        let agent = """
            case "$RUNNER_STEP_ID" in
            implement) echo "echo \\$((\\$1 + \\$2)) # $RUNNER_TASK_NUMBER" > add.sh; echo done ;;
            best/judge) echo 'Number two is the simplest.'; echo 'Winner: 2' ;;
            esac
            """
        try await RunnerFixture.with { fixture in
            let (output, _) = try await start(fixture, "best-of", agent: agent, files: Self.program)
            #expect(output.status == 0, "\(output.err)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try String(contentsOfFile: worktree + "/add.sh", encoding: .utf8) == "echo $(($1 + $2)) # 3\n")
            #expect(try await fixture.git("status", "--porcelain", in: worktree) == "")
            let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
            #expect(rows.map(\.status) == Array(repeating: "completed", count: 4))
            let compared = try await fixture.runner("compare", "2", "3", "4")
            #expect(compared.status == 0 && compared.out.contains("TASK 4"))
        }
    }

    @Test("of five candidates a person chooses one by a note; words that name none are no choice")
    func personChooses() async throws {
        let workflow = """
            name: five
            steps:
              - id: best
                fork:
                  count: 5
                  steps:
                    - { id: work, run: 'echo "$RUNNER_TASK_NUMBER" > mine.txt' }
                  judge: { id: choose, approval: "Which one? {{ candidates }}" }
              - id: after
                env: { OF: "{{ steps.winner.outputs.task }}" }
                run: cat mine.txt; echo "$OF"
            """
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(workflow, to: fixture.root + "/five.yaml")
            let started = try await fixture.runner(
                "start", repository, "task", "--workflow", fixture.root + "/five.yaml")
            #expect(started.status == 5 && started.err.contains("Which one?"), "\(started.err)")
            #expect(try await fixture.runner("approve", "1", "--note", "Winner: 4").status == 0)
            try await fixture.eventually("it has ended") {
                try await fixture.runner("show", "1", "--json").json(ShownTask.self).task.status == "completed"
            }
            #expect(try await fixture.runner("log", "1", "after").out == "5\n5\n")
            let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
            #expect(rows.count == 6 && rows.allSatisfy { $0.status == "completed" })
            #expect(Set(rows.compactMap(\.worktreePath)).count == 6)

            let second = try await fixture.runner(
                "start", repository, "task", "--workflow", fixture.root + "/five.yaml")
            #expect(second.status == 5, "\(second.err)")
            #expect(try await fixture.runner("approve", "7", "--note", "all are fine").status == 0)
            try await fixture.eventually("it has failed") {
                try await fixture.runner("show", "7", "--json").json(ShownTask.self).task.status == "failed"
            }
            #expect(try await fixture.runner("show", "7").out.contains("named no winner"))
        }
    }

    @Test("a candidate whose agent is the default one has that of the run")
    func defaultCandidate() async throws {
        let workflow = """
            name: two
            steps:
              - id: best
                fork:
                  agents: [default, claude]
                  steps:
                    - { id: work, agent: default, prompt: "{{ task.prompt }}" }
                    - { id: rate, run: 'echo "score=$RUNNER_TASK_NUMBER" >> "$RUNNER_OUTPUT"' }
                  judge: score
            """
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.installRecordedAgent("echo x > x; echo done\n")
            try fixture.write(workflow, to: fixture.root + "/two.yaml")
            let started = try await fixture.runner(
                "start", repository, "task", "--workflow", fixture.root + "/two.yaml", "--agent", "claude")
            #expect(started.status == 0, "\(started.err)")
            for task in ["2", "3"] {
                let steps = try await fixture.runner("steps", task, "--json").json([StepJSON].self)
                #expect(steps.first { $0.key == "work" }?.attempts.first?.agent == "claude", "\(steps)")
            }
        }
    }

    private struct ShownTask: Decodable {
        struct Row: Decodable { let status: String }

        let task: Row
    }

    @Test("best-of: a judge that names nobody fails the run; cancelling it cancels the candidates")
    func noWinner() async throws {
        try await RunnerFixture.with { fixture in
            let agent = "case \"$RUNNER_STEP_ID\" in best/judge) echo 'All are fine.' ;; *) echo x > x ;; esac\n"
            let (output, _) = try await start(fixture, "best-of", agent: agent, files: Self.program)
            #expect(output.status == 1 && output.err.contains("named no winner"), "\(output.err)")
        }
        try await RunnerFixture.with { fixture in
            let agent = "echo started >> \"$HOME/started\"; while [ ! -e \"$HOME/go\" ]; do sleep 0.1; done\n"
            let (output, _) = try await start(fixture, "best-of", agent: agent, "--detach", files: Self.program)
            #expect(output.status == 0, "\(output.err)")
            try await fixture.eventually("a candidate works") {
                FileManager.default.fileExists(atPath: fixture.root + "/home/started")
            }
            #expect(try await fixture.runner("cancel", "1").status == 0)
            try await fixture.eventually("all are cancelled") {
                let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
                return rows.count == 4 && rows.allSatisfy { $0.status == "cancelled" }
            }
        }
    }

    @Test("default: plan, implementation, the project's tests, review")
    func standard() async throws {
        let agent = "case \"$RUNNER_STEP_ID\" in implement) echo 'echo $(($1 + $2))' > add.sh ;; esac; echo done\n"
        try await RunnerFixture.with { fixture in
            let (output, _) = try await start(fixture, "default", agent: agent, files: Self.program)
            #expect(output.status == 0, "\(output.err)")
            let prompt = try String(contentsOfFile: fixture.root + "/home/prompt-review", encoding: .utf8)
            #expect(prompt.contains("(command: make test) succeeded"), "\(prompt)")
        }
    }
}
