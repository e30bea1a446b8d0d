import Postgres
package import RunnerCore

extension Store {
    /// Adds steps that a group of the run has come to, and has ended ones begin again as if they had never run.
    ///
    /// Doing it twice is the same as once. Groups begin at their first turn. Throws `StoreError.fenced`
    /// when the run has another owner or has ended.
    package func extendRun(
        _ run: RunID, fence: Int, adding steps: [StepRecord], reopening: [StepID]
    ) async throws {
        let rows = try await client.query(
            """
            with \(Self.guarded(run, fence)),
            added as (
                insert into runner.steps (id, run_id, parent_id, position, key, kind, stage)
                select s.id, g.id, s.parent_id, s.position, s.key, s.kind, s.stage
                from guard g, jsonb_to_recordset(\(Self.document(steps))::jsonb)
                    as s (id uuid, parent_id uuid, position integer, key text, kind text, stage text)
                on conflict do nothing
            ), again as (
                update runner.steps s set \(Self.pendingAgain), iteration = 0
                from guard g
                where s.run_id = g.id and s.id = any (\(reopening.map(\.uuid))) and s.status in \(Self.endedOrWaiting)
            )
            select id from guard
            """)
        guard !rows.isEmpty else { throw StoreError.fenced(run) }
    }

    /// A step as if it had never run: its attempts stay and count no more, but for what they and its candidates spent.
    static let pendingAgain: SQL = """
        status = 'pending', started_at = null, finished_at = null, child_run_id = null,
        former_child_run_ids = case when s.child_run_id is null then s.former_child_run_ids
                                    else array_append(s.former_child_run_ids, s.child_run_id) end,
        earlier_attempts = (select coalesce(max(a.number), 0) from runner.step_attempts a where a.step_id = s.id)
        """

    private static let endedOrWaiting: SQL = "('succeeded', 'failed', 'skipped', 'cancelled', 'waiting')"
}
