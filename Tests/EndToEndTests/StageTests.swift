import Foundation
import Testing

@Suite("stages of a workflow")
struct StageTests {
    private struct PlanJSON: Decodable {
        struct Step: Decodable {
            let key: String
            let kind: String
            let stage: String?
            let agent: String?
        }
        struct Stage: Decodable {
            let name: String
            let transition: String?
        }
        let stages: [Stage]
        let steps: [Step]
    }

    private static let workflow = """
        name: staged
        stages:
          - plan
          - { name: look, parallel: true }
          - { name: build, agent: command, required: false, transition: manual }
          - { name: publish }
        steps:
          - { id: think, stage: plan, run: echo a plan > plan.txt }
          - { id: left, stage: look, writes: false, run: cat plan.txt }
          - { id: right, stage: look, writes: false, needs: think, run: cat plan.txt }
          - id: make
            stage: build
            needs: look
            agent: default
            with: { command: "cat > made.txt; echo built" }
            prompt: "Make it."
          - { id: check, stage: build, run: exit 3 }
          - id: always
            stage: publish
            if: always()
            needs: make
            run: echo published > published.txt
          - id: last
            stage: publish
            env: { NOTE: "{{ steps.build-done.outputs.note }}" }
            run: echo "$NOTE"

        """

    private func keys(_ fixture: RunnerFixture) async throws -> [String] {
        try await fixture.runner("steps", "1", "--json").json([StepJSON].self).map { "\($0.key) \($0.status)" }
    }

    private func status(_ fixture: RunnerFixture) async throws -> String? {
        try await fixture.runner("list", "--json").json([TaskRowJSON].self).first?.status
    }

    @Test("a manual transition waits for a person, also before steps that always run; a stage has its own agent")
    func manual() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let file = fixture.root + "/flow.yaml"
            try fixture.write(Self.workflow, to: file)
            let planned = try await fixture.runner("workflow", "plan", file, "--agent", "claude")
            #expect(planned.out.contains("Stage \"build\" is done. Go on with \"publish\"?"), "\(planned.out)")
            let plan = try await fixture.runner("workflow", "plan", file, "--json").json(PlanJSON.self)
            #expect(plan.stages.map(\.name) == ["plan", "look", "build", "publish"])
            #expect(plan.stages.map(\.transition) == [nil, nil, "manual", nil])
            #expect(plan.steps.first { $0.key == "build-done" }?.kind == "approval")
            #expect(plan.steps.first { $0.key == "make" }?.agent == "command")
            #expect(plan.steps.first { $0.key == "look/left" }?.stage == "look")
            // There is no such program: without the stage's agent the run would be refused.
            let started = try await fixture.runner("start", repository, "task", "--workflow", file, "--agent", "claude")
            #expect(started.status == 5 && started.err.contains("waits for a decision"), "\(started.err)")
            let waiting = [
                "think succeeded", "look succeeded", "look/left succeeded", "look/right succeeded", "make succeeded",
                "check succeeded", "build-done waiting", "always pending", "last pending",
            ]
            #expect(try await keys(fixture) == waiting)
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try String(contentsOfFile: worktree + "/made.txt", encoding: .utf8).hasPrefix("Make it."))
            #expect(!FileManager.default.fileExists(atPath: worktree + "/published.txt"))
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.first { $0.key == "make" }?.attempts.first?.agent == "command")
            #expect(try await fixture.runner("approve", "1", "--note", "fine").status == 0)
            try await fixture.eventually("it has ended") { try await status(fixture) == "completed" }
            #expect(try await fixture.runner("log", "1", "last").out == "fine\n")
            #expect(FileManager.default.fileExists(atPath: worktree + "/published.txt"))
        }
    }

    @Test("a rejected transition fails the run: no step of the next stage runs but those that always do")
    func rejected() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(Self.workflow, to: fixture.root + "/flow.yaml")
            let started = try await fixture.runner("start", repository, "t", "-w", fixture.root + "/flow.yaml")
            #expect(started.status == 5, "\(started.err)")
            #expect(try await fixture.runner("reject", "1", "--note", "no").status == 0)
            try await fixture.eventually("it has failed") { try await status(fixture) == "failed" }
            let ended = ["build-done failed", "always succeeded", "last skipped"]
            #expect(try await Array(keys(fixture).suffix(3)) == ended)
            // A retry asks again.
            let again = try await fixture.runner("retry", "1")
            #expect(again.status == 5, "\(again.err)")
            let waiting = ["build-done waiting", "always pending", "last pending"]
            #expect(try await Array(keys(fixture).suffix(3)) == waiting)
            #expect(try await fixture.runner("approve", "1").status == 0)
            try await fixture.eventually("it has ended") { try await status(fixture) == "completed" }
        }
    }
}
