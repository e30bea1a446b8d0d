import Foundation
import Testing

/// Another agent, or another model, takes over while a step's agent cannot work.
@Suite("fallback agents")
struct FallbackTests {
    private struct Shown: Decodable {
        struct Run: Decodable { let status: String }
        let runs: [Run]
    }

    /// An agent that is a script; it keeps its prompts as `<name>.prompt` and its arguments as `<name>.arguments`.
    private static func install(_ name: String, _ script: String, in fixture: RunnerFixture) throws {
        try fixture.write(
            """
            command: [\(name)-agent]
            model: [--model, "{model}"]
            output:
              session: '^session (\\S+)'
              error: '^error: (.*)'
              limit: '^limit reached(.*)'
              success: 'All done'

            """, to: fixture.root + "/home/.config/runner/agents/\(name).yaml")
        try fixture.write(
            """
            #!/bin/sh
            cat > "$HOME/\(name).prompt"
            echo "$*" >> "$HOME/\(name).arguments"
            \(script)

            """, to: fixture.root + "/bin/\(name)-agent", mode: 0o755)
    }

    /// One step by the default agent, so that nothing but the fallback decides.
    private static func oneStep(_ fixture: RunnerFixture) throws -> String {
        let path = fixture.root + "/one.yaml"
        try fixture.write(
            "name: one\nsteps:\n  - id: work\n    agent: default\n    prompt: '{{ task.prompt }}'\n", to: path)
        return path
    }

    private static let works = "echo second > second.txt; echo 'All done'"

    private static func attempts(_ fixture: RunnerFixture, _ task: String = "1") async throws -> [AttemptJSON] {
        try await fixture.runner("steps", task, "--json").json([StepJSON].self).flatMap(\.attempts)
    }

    @Test("at a limit the next agent goes on with what is there, and no try is used up")
    func limit() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try Self.install(
                "first", "echo half > half.txt; echo 'session s-1'; echo 'limit reached, resets in 3h'; exit 1",
                in: fixture)
            try Self.install("second", Self.works, in: fixture)
            let started = try await fixture.runner(
                "start", repository, "greet", "--workflow", try Self.oneStep(fixture), "--agent", "first", "--fallback",
                "second=m-2", "--model", "m-1")
            #expect(started.status == 0, "\(started.err)")
            #expect(started.err.contains("second with the model m-2 takes over"), "\(started.err)")
            let attempts = try await Self.attempts(fixture)
            #expect(attempts.map(\.agent) == ["first", "second"], "\(attempts)")
            #expect(attempts.map(\.status) == ["failed", "succeeded"])
            let prompt = try String(contentsOfFile: fixture.root + "/home/second.prompt", encoding: .utf8)
            #expect(prompt.contains("\"first\" worked on this before you") && prompt.contains("greet"), "\(prompt)")
            let arguments = try String(contentsOfFile: fixture.root + "/home/second.arguments", encoding: .utf8)
            #expect(arguments == "--model m-2\n")
            let files = try await fixture.git("ls-tree", "--name-only", "runner/1-greet", in: repository)
            #expect(files.contains("half.txt") && files.contains("second.txt"), "\(files)")
            // The account stays closed: the next task does not even try it.
            let next = try await fixture.runner(
                "start", repository, "greet", "--workflow", try Self.oneStep(fixture), "--agent", "first", "--fallback",
                "second")
            #expect(next.status == 0, "\(next.err)")
            #expect(try await Self.attempts(fixture, "2").map(\.agent) == ["second"])
            // A replay plays both agents, waits for nothing, and is no part of the ledger.
            let replayed = try await fixture.runner("replay", "1")
            #expect(replayed.status == 0, "\(replayed.err)")
            #expect(try await Self.attempts(fixture, "3").map(\.agent) == ["first", "second"])
            let usage = try await fixture.runner("usage", "--check")
            #expect(usage.status == 0, "\(usage)")
        }
    }

    @Test("without a rule for a limit the run waits as before")
    func rule() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try Self.install("first", "echo 'limit reached, resets in 3h'; exit 1", in: fixture)
            try Self.install("second", Self.works, in: fixture)
            try fixture.write(
                """
                name: ruled
                steps:
                  - id: work
                    agent: first
                    prompt: do it
                    fallback: { agent: second, on: [unavailable, missing] }

                """, to: fixture.root + "/ruled.yaml")
            let started = try await fixture.runner(
                "start", repository, "greet", "--detach", "--workflow", fixture.root + "/ruled.yaml")
            #expect(started.status == 0, "\(started.err)")
            try await fixture.eventually("the run waits") {
                try await fixture.runner("show", "1", "--json").json(Shown.self).runs.first?.status == "waiting"
            }
            #expect(try await Self.attempts(fixture).map(\.agent) == ["first"])
        }
    }

    @Test("an agent that is overloaded passes on, in order, and the first one begins again after all of them")
    func unavailable() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let overloaded = "echo 'error: 529 overloaded_error: Overloaded'; exit 1"
            try Self.install(
                "first", "[ -e \"$HOME/tried\" ] && { \(Self.works); exit; }; : > \"$HOME/tried\"; \(overloaded)",
                in: fixture)
            try Self.install("second", overloaded, in: fixture)
            try fixture.write(
                """
                name: chain
                steps:
                  - id: work
                    agent: first
                    max-attempts: 2
                    prompt: do it
                    fallback: [{ model: m-2, on: limit }, second]

                """, to: fixture.root + "/chain.yaml")
            let plan = try await fixture.runner("workflow", "plan", fixture.root + "/chain.yaml")
            #expect(plan.out.contains("first, =m-2, second"), "\(plan)")
            let started = try await fixture.runner(
                "start", repository, "greet", "--workflow", fixture.root + "/chain.yaml")
            #expect(started.status == 0, "\(started.err)")
            #expect(try await Self.attempts(fixture).map(\.agent) == ["first", "second", "first"])
        }
    }

    @Test("an agent that is not installed is no obstacle where another one may take over")
    func missing() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try Self.install("first", "", in: fixture)
            try FileManager.default.removeItem(atPath: fixture.root + "/bin/first-agent")
            try Self.install("second", Self.works, in: fixture)
            for (fallback, status) in [("second", 0), ("first=m-2", 4)] {
                let started = try await fixture.runner(
                    "start", repository, "greet", "--workflow", try Self.oneStep(fixture), "--agent", "first",
                    "--fallback", fallback)
                #expect(started.status == status, "\(started)")
            }
            #expect(try await Self.attempts(fixture).map(\.agent) == ["second"])
            let unknown = try await fixture.runner("start", repository, "greet", "--fallback", "nobody")
            #expect(unknown.status == 3 && unknown.err.contains("no agent \"nobody\""), "\(unknown)")
        }
    }
}
