import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Which of these attempts have ended, as their rows say; those that the database does not know are missing.
    package func attemptEnds(_ ids: [AttemptID]) async throws -> [AttemptID: Bool] {
        guard !ids.isEmpty else { return [:] }
        let rows = try await client.query(
            """
            select a.id, a.status <> 'running' or r.status in ('completed', 'failed', 'cancelled') as ended
            from runner.step_attempts a join runner.steps s on s.id = a.step_id join runner.runs r on r.id = s.run_id
            where a.id = any (\(ids.map(\.uuid)))
            """)
        return Dictionary(
            try rows.map { row in (try row.decode("id"), try row.decode("ended")) }, uniquingKeysWith: { $1 })
    }

    /// Says in the attempts of a run that are open why the run is about to end, which then interrupts them.
    ///
    /// Does nothing for who does not hold the fence.
    package func noteReason(_ reason: String, inOpenAttemptsOf run: RunID, fence: Int) async throws {
        try await client.execute(
            """
            with \(Self.guarded(run, fence))
            update runner.step_attempts a set error = coalesce(a.error, \(reason.storable))
            from guard g join runner.steps s on s.run_id = g.id
            where a.step_id = s.id and a.status = 'running'
            """)
    }

    /// Ends attempts and steps that are open under a run that has ended; returns how many attempts.
    package func closeOpenAttemptsOfEndedRuns() async throws -> Int {
        let rows = try await client.query(
            """
            with ended as materialized (
                select a.id, a.step_id from runner.step_attempts a
                join runner.steps s on s.id = a.step_id join runner.runs r on r.id = s.run_id
                where a.status = 'running' and r.status in ('completed', 'failed', 'cancelled')
            ), a as (
                update runner.step_attempts a set status = 'interrupted', error = coalesce(a.error, 'the run ended'),
                    finished_at = \(Self.end(since: "a.started_at")),
                    duration_ms = (extract(epoch from \(Self.end(since: "a.started_at")) - a.started_at) * 1000)::bigint
                from ended where a.id = ended.id
                returning a.id
            ), s as (
                update runner.steps s set status = 'cancelled', finished_at = \(Self.end(since: "s.started_at"))
                from ended where s.id = ended.step_id and s.status in \(Self.openSteps)
            )
            select id from a
            """)
        return rows.count
    }
}
