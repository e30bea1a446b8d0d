import Foundation
import Testing

/// Steps side by side in one worktree: what happens to one is not felt by the others.
@Suite("steps beside others")
struct SiblingTests {
    /// Runs two scripts beside each other, as agents, whose exit status 75 is a failure that passes by itself.
    private func start(
        _ fixture: RunnerFixture, _ one: String, _ two: String
    ) async throws -> (RunnerFixture.Output, [String: StepJSON]) {
        let repository = try await fixture.makeRepository()
        let scripts = try [("one", one), ("two", two)].map { name, script in
            let file = "\(fixture.root)/\(name).sh"
            try fixture.write(script.replacing("$ROOT", with: fixture.root), to: file)
            return """
                        - id: \(name)
                          writes: false
                          timeout: 30s
                          max-attempts: 3
                          agent: command
                          prompt: do it
                          with: { command: "exec sh '\(file)'" }

                """
        }
        try fixture.write(
            "name: both\nsteps:\n  - id: both\n    parallel:\n      steps:\n" + scripts.joined(),
            to: fixture.root + "/flow.yaml")
        let output = try await fixture.runner(
            "start", repository, "task", "--workflow", fixture.root + "/flow.yaml")
        let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
        return (output, Dictionary(uniqueKeysWithValues: steps.map { ($0.key, $0) }))
    }

    @Test("a step goes on where the one beside it ends while the database is away, and is not started again")
    func absence() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let (output, steps) = try await start(
                fixture,
                """
                while [ ! -e '$ROOT/begun' ]; do sleep 0.02; done
                if [ ! -e '$ROOT/killed' ]; then
                    touch '$ROOT/killed'
                    kill -9 "$(head -1 '\(fixture.home)/postgres/data/postmaster.pid')"
                fi
                """,
                """
                echo x >> '$ROOT/begun'
                while [ ! -e '$ROOT/killed' ]; do sleep 0.02; done
                sleep 3
                """)
            #expect(output.status == 0, "\(output.err)")
            // Without its absence this would show nothing.
            #expect(output.err.contains("the database is away"), "\(output.err)")
            #expect(steps["both/two"]?.attempts.map(\.status) == ["succeeded"])
            #expect(try String(contentsOfFile: fixture.root + "/begun", encoding: .utf8) == "x\n")
        }
    }

    @Test("what broke for good still ends the steps beside it: nothing of an ended run goes on")
    func broken() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            let (output, steps) = try await start(
                fixture,
                """
                while [ ! -e '$ROOT/pid' ]; do sleep 0.02; done
                psql "\(place)" -qc 'alter function runner.finish_attempt rename to finish_attempt_later'
                """,
                """
                echo $$ > '$ROOT/pid'
                sleep 25
                """)
            #expect(output.status != 0)
            #expect(steps["both/two"]?.attempts.map(\.status) == ["interrupted"])
            let pid = try String(contentsOfFile: fixture.root + "/pid", encoding: .utf8)
            let number = try #require(pid_t(pid.trimmingCharacters(in: .newlines)))
            #expect(kill(number, 0) != 0)
        }
    }

    @Test("a step that is to be tried again in a moment begins although the one beside it is at work")
    func retry() async throws {
        try await RunnerFixture.with { fixture in
            let (output, steps) = try await start(
                fixture,
                """
                if [ -e '$ROOT/once' ]; then touch '$ROOT/again'; exit; fi
                touch '$ROOT/once'; exit 75
                """,
                "while [ ! -e '$ROOT/again' ]; do sleep 0.05; done")
            #expect(output.status == 0, "\(output.err)")
            #expect(steps["both/one"]?.attempts.map(\.status) == ["failed", "succeeded"])
            #expect(steps["both/two"]?.attempts.map(\.status) == ["succeeded"])
        }
    }

    @Test("a step that was killed does not take away what the one beside it has at hand")
    func interrupted() async throws {
        try await RunnerFixture.with { fixture in
            let (output, steps) = try await start(
                fixture,
                """
                while [ ! -e '$ROOT/begun' ]; do sleep 0.02; done
                if [ ! -e '$ROOT/once' ]; then touch '$ROOT/once'; kill -9 $$; fi
                touch '$ROOT/again'
                while [ ! -e '$ROOT/done' ]; do sleep 0.02; done
                """,
                """
                echo x > scratch
                touch '$ROOT/begun'
                while [ ! -e '$ROOT/again' ]; do sleep 0.02; done
                cat scratch && rm scratch && touch '$ROOT/done'
                """)
            #expect(output.status == 0, "\(output.err)")
            #expect(steps["both/one"]?.attempts.map(\.status) == ["interrupted", "succeeded"])
            #expect(steps["both/two"]?.attempts.map(\.status) == ["succeeded"])
        }
    }
}
