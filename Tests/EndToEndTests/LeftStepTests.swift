import Foundation
import Glibc
import Testing

/// A step that a worker left at its end in order, whose run was then cancelled on the spot.
@Suite("steps that go on without a worker")
struct LeftStepTests {
    private func leave(_ fixture: RunnerFixture) async throws {
        let repository = try await fixture.makeRepository()
        #expect(try await fixture.runner("serve", "--background").status == 0)
        let script = """
            echo $$ >> '\(fixture.root)/pids'; echo first
            while [ ! -e '\(fixture.root)/more' ]; do sleep 0.02; done
            echo second; touch '\(fixture.root)/said'
            while [ ! -e '\(fixture.root)/go' ]; do sleep 0.02; done
            """
        try await fixture.runner("start", repository, script, "--workflow", "script", "--detach")
        try await fixture.eventually("the step runs") { try pids(fixture).count == 1 }
        for pid in fixture.processIDs(where: { $0.contains("/runner serve") }) { kill(pid, SIGTERM) }
        try await fixture.eventually("the run is left") {
            try await fixture.runner("list", "--json").json([TaskRowJSON].self).map(\.status) == ["queued"]
        }
        try await fixture.eventually("the daemon has ended") {
            fixture.processIDs { $0.contains("/runner serve") }.isEmpty
        }
        try fixture.write("", to: fixture.root + "/more")
        try await fixture.eventually("the step goes on") {
            FileManager.default.fileExists(atPath: fixture.root + "/said")
        }
    }

    private func pids(_ fixture: RunnerFixture) throws -> [pid_t] {
        let text = (try? String(contentsOfFile: fixture.root + "/pids", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { pid_t($0) }
    }

    @Test("what it wrote meanwhile is in the log when its run is cancelled")
    func output() async throws {
        try await RunnerFixture.with(["RUNNER_NO_GUARD": "1"]) { fixture in
            try await leave(fixture)
            #expect(try await fixture.runner("cancel", "1").status == 0)
            #expect(try await fixture.runner("log", "1", "--raw").out == "first\nsecond\n")
            #expect(try pids(fixture).allSatisfy { kill($0, 0) != 0 })
        }
    }

    @Test("its process is ended before another attempt begins, also where the command that cancelled it was killed")
    func again() async throws {
        try await RunnerFixture.with(["RUNNER_NO_GUARD": "1", "RUNNER_STORAGE": "local"]) { fixture in
            try await leave(fixture)
            // What `runner cancel` has done when it is killed right after its statement.
            let sql = """
                update runner.step_attempts set status = 'cancelled', error = 'cancelled', finished_at = now(),
                    duration_ms = 1;
                update runner.steps set status = 'cancelled', finished_at = now();
                update runner.runs set status = 'cancelled', cancel_requested_at = now(), finished_at = now();
                select runner.close_run(task_id, number, environment_id, 'cancelled', null, interval '7 days',
                    array[]::jsonb[]) from runner.runs;
                """
            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            let closed = try await fixture.run("/usr/bin/psql", [place, "-v", "ON_ERROR_STOP=1", "-qc", sql])
            #expect(closed.status == 0, "\(closed.err)")
            // The control: nobody else ends it.
            #expect(try pids(fixture).allSatisfy { kill($0, 0) == 0 })
            async let retried = fixture.runner("retry", "1")
            try await fixture.eventually("it is begun again") { try pids(fixture).count == 2 }
            #expect(kill(try pids(fixture)[0], 0) != 0)
            try fixture.write("", to: fixture.root + "/go")
            let output = try await retried
            #expect(output.status == 0, "\(output.err)")
            let log = try await fixture.runner("log", "1", "--raw", "--attempt", "1")
            #expect(log.out == "first\nsecond\n", "\(log.err)")
        }
    }
}
