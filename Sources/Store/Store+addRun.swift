import Postgres
package import RunnerCore

extension Store {
    /// Makes another run of a task, in the environment of its newest run, whose worktree loses its deadline.
    ///
    /// With an owner it is running at once. Throws `StoreError.runNotEnded` when a run of the task is open.
    package func addRun(_ new: NewRun) async throws -> RunRecord {
        let steps = new.steps.enumerated().map { position, step in
            StepRecord(
                runID: new.id, position: step.position ?? position, key: step.key, kind: step.kind, stage: step.stage)
        }
        let rows: [PostgresRow]
        do {
            rows = try await client.query(Self.adding(new, steps))
        } catch let error as PostgresError where error.code == .uniqueViolation {
            throw StoreError.runNotEnded(new.id)
        }
        guard let row = rows.first else { throw StoreError.notFound(kind: "run", text: new.taskID.description) }
        return try RunRecord(row)
    }

    private static func adding(_ new: NewRun, _ steps: [StepRecord]) -> SQL {
        """
        with me as materialized (
            select (select id from runner.sessions where id = \(new.owner) and active) as id
        ), last as materialized (
            select r.number, r.environment_id, r.host, r.priority from runner.runs r
            where r.task_id = \(new.taskID) order by r.number desc limit 1 for no key update
        ), r as (
            insert into runner.runs (id, task_id, number, workflow_version_id, priority, context, host,
                environment_id, status, owner_session_id, fence, started_at)
            select \(new.id), \(new.taskID), l.number + 1, \(new.workflowVersionID), l.priority,
                \(new.context)::jsonb, l.host, l.environment_id,
                case when me.id is null then 'queued' else 'running' end, me.id,
                case when me.id is null then 0 else 1 end, case when me.id is not null then now() end
            from last l, me
            returning *
        ), s as (
            insert into runner.steps (id, run_id, position, key, kind, stage)
            select s.id, r.id, s.position, s.key, s.kind, s.stage
            from r, jsonb_to_recordset(\(Self.document(steps))::jsonb)
                as s (id uuid, position integer, key text, kind text, stage text)
        ), t as (
            update runner.tasks t set status = r.status, completed_at = null, error = null,
                started_at = case r.status when 'running' then coalesce(t.started_at, now()) else t.started_at end
            from r where t.id = r.task_id
        ), e as (
            update runner.environments e set status = 'running', cleanup_after = null from r
            where e.id = r.environment_id and e.status = 'idle'
        ), event as (
            insert into runner.events (task_id, kind, detail)
            select r.task_id, 'run.queued', jsonb_build_object('run', r.number) from r
        )
        \(RunRecord.select(from: "r"))
        """
    }
}
