import Foundation
import Testing

@Suite("decisions that a run waits for")
struct ApprovalTests {
    private struct PendingJSON: Decodable {
        let task: Int
        let step: String
        let message: String
    }

    private static let workflow = """
        name: gated
        steps:
          - id: work
            agent: command
            with: { command: "cat >> notes.md; echo done" }
            prompt: "Do it."
          - id: gate
            approval: { message: "Publish {{ steps.work.files_changed }} file?", expires: 1h, rework: work }
          - id: publish
            env: { BY: "{{ steps.gate.outputs.by }}", NOTE: "{{ steps.gate.outputs.note }}" }
            run: echo "by=$BY note=$NOTE"
        """

    private func waiting(
        _ fixture: RunnerFixture, _ workflow: String = workflow, _ repository: String? = nil
    ) async throws {
        let made = if let repository { repository } else { try await fixture.makeRepository() }
        try fixture.write(workflow, to: fixture.root + "/flow.yaml")
        let started = try await fixture.runner("start", made, "task", "--workflow", fixture.root + "/flow.yaml")
        #expect(started.status == 5 && started.err.contains("waits for a decision"), "\(started.err)")
    }

    private func isPending(_ fixture: RunnerFixture) async throws -> Bool {
        try await !fixture.runner("approvals", "--json").json([PendingJSON].self).isEmpty
    }

    private func status(_ fixture: RunnerFixture, _ task: Int = 1) async throws -> String? {
        try await fixture.runner("list", "--json").json([TaskRowJSON].self).first { $0.number == task }?.status
    }

    @Test("an approved run goes on in the background; who and why is recorded; a gate is decided once")
    func approved() async throws {
        try await RunnerFixture.with { fixture in
            try await waiting(fixture)
            let pending = try await fixture.runner("approvals", "--json").json([PendingJSON].self)
            #expect(pending.map(\.message) == ["Publish 1 file?"])
            #expect(try await fixture.runner("list").out.contains("waiting for approval of gate"))
            #expect(try await fixture.runner("board").out.contains("1  waiting for approval of gate"))
            #expect(try await fixture.runner("board", "--width", "60").out.contains("? 1 "))
            #expect(fixture.processes().filter { $0.contains("runner-shim") }.isEmpty)
            let done = try await fixture.runner("approve", "1", "--note", "well done")
            #expect(done.status == 0, "\(done.err)")
            try await fixture.eventually("it has ended") { try await status(fixture) == "completed" }
            let said = try await fixture.runner("log", "1", "publish").out
            #expect(said.hasPrefix("by=") && said.hasSuffix("note=well done\n"), "\(said)")
            for word in ["approve", "reject"] {
                let again = try await fixture.runner(word, "1")
                #expect(again.status == 3 && again.err.contains("was approved already by"), "\(again.err)")
            }
        }
    }

    @Test("after a retry from before its group a gate is decided at once, for nothing has changed since it asked")
    func askedAgain() async throws {
        let workflow = """
            name: group
            steps:
              - id: each
                foreach:
                  items: "[1]"
                  steps:
                    - { id: work, run: echo work }
                    - { id: gate, approval: { message: "go on?" } }
            """
        try await RunnerFixture.with { fixture in
            try await waiting(fixture, workflow)
            #expect(try await fixture.runner("approve", "1", "--note", "first").status == 0)
            try await fixture.eventually("it has ended") { try await status(fixture) == "completed" }
            #expect(try await fixture.runner("retry", "1", "--from", "each").status == 5)
            let second = try await fixture.runner("approve", "1")
            #expect(second.status == 0, "\(second.err)")
            try await fixture.eventually("it has ended again") { try await status(fixture) == "completed" }
        }
    }

    @Test("of many who decide at once one wins")
    func atOnce() async throws {
        try await RunnerFixture.with { fixture in
            // Without a way back, so that there is one gate and no second.
            try await waiting(fixture, Self.workflow.replacing(", rework: work", with: ""))
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<6 {
                    group.addTask { try await fixture.runner(number % 2 == 0 ? "approve" : "reject", "1").status }
                }
                var found: [Int] = []
                for try await status in group { found.append(status) }
                return found
            }
            #expect(statuses.sorted() == [0, 3, 3, 3, 3, 3])
        }
    }

    @Test("a changed worktree and a changed output are not what was shown: nothing is decided, and it is asked again")
    func changed() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            try await waiting(fixture)
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try fixture.write("late\n", to: worktree + "/late.txt")
            let refused = try await fixture.runner("approve", "1")
            #expect(
                refused.status == 3
                    && refused.err.contains("the worktree of task 1 has changed since the decision was asked for"))
            #expect(try await isPending(fixture))
            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            let sql = "update runner.step_attempts set output = jsonb_set(output, '{outputs}', '{\"x\": \"y\"}')"
            let update = try await fixture.run("/usr/bin/psql", [place, "-qc", sql])
            #expect(update.status == 0, "\(update.err)")
            let output = try await fixture.runner("approve", "1")
            #expect(output.status == 3 && output.err.contains("an output of task 1 has changed"), "\(output.err)")
            // What is there now was looked at again.
            #expect(try await fixture.runner("approve", "1").status == 0)
            try await fixture.eventually("it has ended") { try await status(fixture) == "completed" }
        }
    }

    @Test("another run, another gate, a task without a gate: each is refused in one sentence")
    func others() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await waiting(fixture, Self.workflow, repository)
            let cases: [([String], String)] = [
                (["1", "--run", "2"], "run 2 of task 1 does not wait for a decision"),
                (["1", "--step", "publish"], "task 1 does not wait at \"publish\"; it waits at \"gate\""),
                (["9"], "there is no task \"9\""),
            ]
            for (arguments, sentence) in cases {
                let refused = try await fixture.run(RunnerFixture.build + "/runner", ["approve"] + arguments)
                let said = refused.err.replacing("\n hint: ", with: "; ")
                #expect(refused.status == 3 && said.contains(sentence), "\(refused.err)")
            }
            _ = try await fixture.runner("start", repository, "true", "--workflow", "script")
            let none = try await fixture.runner("approve", "2")
            #expect(none.status == 3 && none.err.contains("task 2 waits for no decision; it is completed"))
            let wrong = try await fixture.runner("reject", "1", "--to", "wrk")
            #expect(wrong.status == 3 && wrong.err.contains("did you mean \"work\""), "\(wrong.err)")
        }
    }

    @Test("an expired gate cannot be decided, and fails its run")
    func expired() async throws {
        try await RunnerFixture.with { fixture in
            try await waiting(fixture, Self.workflow.replacing("expires: 1h", with: "expires: 2s"))
            try await fixture.eventually("it is over") {
                try await status(fixture) == "failed"
            }
            let refused = try await fixture.runner("approve", "1")
            #expect(refused.status == 3 && refused.err.contains("expired"), "\(refused.err)")
            #expect(try await fixture.runner("show", "1").out.contains("nobody decided"))
        }
    }

    @Test("a rejection goes back with its note in the prompt; without a step to go back to it fails the run")
    func rejected() async throws {
        try await RunnerFixture.with { fixture in
            try await waiting(fixture)
            let back = try await fixture.runner("reject", "1", "--note", "nicer, please")
            #expect(back.status == 0 && back.err.contains("back to work"), "\(back.err)")
            try await fixture.eventually("it waits again") { try await isPending(fixture) }
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let notes = try String(contentsOfFile: worktree + "/notes.md", encoding: .utf8)
            #expect(notes.hasPrefix("Do it.") && notes.contains("sent back by") && notes.hasSuffix("nicer, please"))
            #expect(try await fixture.runner("approve", "1").status == 0)
            try await fixture.eventually("it has ended") { try await status(fixture) == "completed" }
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.map(\.attempts.count) == [2, 0, 1])
        }
        try await RunnerFixture.with { fixture in
            try await waiting(fixture, Self.workflow.replacing(", rework: work", with: ""))
            #expect(try await fixture.runner("reject", "1", "--note", "no").status == 0)
            try await fixture.eventually("it has failed") { try await status(fixture) == "failed" }
            #expect(try await fixture.runner("show", "1").out.contains("rejected by"))
        }
    }

    @Test("a gate that nobody approved is shown as that, also where the run goes on all the same")
    func refusedButGoneOn() async throws {
        try await RunnerFixture.with { fixture in
            let text = Self.workflow.replacing(", rework: work }", with: " }\n    continue-on-error: true")
            try await waiting(fixture, text)
            #expect(try await !fixture.runner("steps", "1").out.contains("rejected"))
            #expect(try await fixture.runner("reject", "1", "--note", "no").status == 0)
            try await fixture.eventually("it has ended") { try await status(fixture) == "completed" }
            let table = try await fixture.runner("steps", "1").out.split(separator: "\n").map {
                $0.split(separator: " ")
            }
            #expect(table.contains { $0.prefix(3) == ["gate", "approval", "rejected"] }, "\(table)")
            #expect(try await fixture.runner("steps", "1", "--json").out.contains("\"refusal\" : \"rejected\""))
        }
    }
}
