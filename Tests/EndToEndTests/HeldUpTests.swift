import Foundation
import Testing

/// What another program does in the database, or has left there a great deal of.
@Suite("a database that others use")
struct HeldUpTests {
    private static func place(_ fixture: RunnerFixture) -> String {
        "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
    }

    @Test("a table that is locked for longer than a statement waits costs a run nothing of a step that has ended")
    func locked() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let repository = try await fixture.makeRepository()
            let (starts, go) = (fixture.root + "/starts", fixture.root + "/go")
            let script = "echo start >> '\(starts)'; while [ ! -e '\(go)' ]; do sleep 0.05; done; echo done > work"
            async let started = fixture.runner("start", repository, script, "--workflow", "script")
            try await fixture.eventually("the step runs") { FileManager.default.fileExists(atPath: starts) }
            // Two seconds longer than the ten that a statement waits for a lock.
            let lock = "begin; lock table runner.step_attempts in access exclusive mode; select pg_sleep(12); commit"
            async let locked = fixture.run("/usr/bin/psql", [Self.place(fixture), "-qc", lock])
            try await fixture.eventually("the table is locked") {
                let asked = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'"
                return try await fixture.run("/usr/bin/psql", [Self.place(fixture), "-Atc", asked]).out == "1\n"
            }
            try fixture.write("", to: go)
            #expect(try await locked.status == 0)
            let run = try await started
            #expect(run.status == 0, "\(run.err)")
            // The control: it was met by the lock.
            #expect(run.err.contains("held up by something else"), "\(run.err)")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.flatMap(\.attempts).map(\.status) == ["succeeded"])
            #expect(steps.flatMap(\.attempts).last?.filesChanged == 1)
            #expect(try String(contentsOfFile: starts, encoding: .utf8) == "start\n")
        }
    }

    @Test("all events of a task are printed, however many there are")
    func manyEvents() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("start", repository, "true", "--workflow", "script").status == 0)
            let few = try await fixture.runner("events", "1", "--quiet").out.split(separator: "\n").count
            let more = """
                insert into runner.events (task_id, kind) select id, 'test.event'
                from runner.tasks, generate_series(1, 20050)
                """
            #expect(try await fixture.run("/usr/bin/psql", [Self.place(fixture), "-qc", more]).status == 0)
            for arguments in [["--quiet"], ["--json"], []] {
                let out = try await fixture.run(
                    RunnerFixture.build + "/runner", ["events", "1"] + arguments
                ).out.split(separator: "\n")
                #expect(out.count == few + 20_050)
                if arguments == ["--quiet"] {
                    let ids = out.compactMap { Int($0) }
                    #expect(ids == Set(ids).sorted())
                }
            }
        }
    }
}
