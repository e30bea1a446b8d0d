import Foundation
import Postgres
import Testing

@Suite struct SpareSessionTests {
    /// The processes of the private cluster that serve a session of a program.
    private func sessions(_ fixture: RunnerFixture) async throws -> Set<Int> {
        let client = PostgresClient(
            ConnectionTarget(parameters: [
                "host": "\(fixture.home)/postgres-memory/run", "user": "runner", "dbname": "runner",
            ]), applicationName: "observer")
        let rows = try await client.query("select pid from pg_stat_activity where application_name = 'runner'")
        await client.close()
        return Set(try rows.map { row in try row.decode("pid") })
    }

    @Test("with a daemon serving, a command that somebody waits for uses a session that was opened beforehand")
    func used() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("serve", "--background").status == 0)
            let socket = "\(fixture.home)/postgres-memory/run/.s.PGSQL.5433"
            // The daemon's own and two spare ones, once nobody opens any more.
            var seen: Set<Int> = []
            try await fixture.eventually("sessions are ready") {
                let now = try await sessions(fixture)
                defer { seen = now }
                return access(socket, F_OK) == 0 && now.count >= 3 && now == seen
            }
            // It has its own session, and takes none.
            #expect(try await fixture.runner("doctor").status == 0)
            #expect(seen.isSubset(of: try await sessions(fixture)))
            #expect(try await fixture.runner("list").status == 0)
            try await fixture.eventually("one of them ended with the command") {
                try await !seen.isSubset(of: sessions(fixture))
            }
            try await fixture.eventually("another took its place") { try await sessions(fixture).count >= seen.count }
            let started = try await fixture.runner(
                "start", repository, "echo a > a", "--workflow", "script", "--detach")
            #expect(started.status == 0, "\(started.err)")
            try await fixture.eventually("the task is done") {
                try await fixture.runner("list", "--json").json([TaskRowJSON].self).map(\.status) == ["completed"]
            }
        }
    }

    @Test("a daemon that hangs or is gone keeps no command from the database", arguments: [SIGSTOP, SIGKILL])
    func gone(signal: Int32) async throws {
        try await RunnerFixture.with(["RUNNER_NO_GUARD": "1"]) { fixture in
            #expect(try await fixture.runner("serve", "--background").status == 0)
            let socket = "\(fixture.home)/postgres-memory/run/.s.PGSQL.5433"
            try await fixture.eventually("it lends") { access(socket, F_OK) == 0 }
            for pid in fixture.processIDs(where: { $0.contains(" serve") }) { kill(pid, signal) }
            let began = ContinuousClock.now
            let listed = try await fixture.runner("list", "--json")
            #expect(listed.status == 0 && listed.err.isEmpty, "\(listed.err)")
            #expect(ContinuousClock.now - began < .seconds(8))
        }
    }
}
