import Foundation
import Postgres
import RunnerCore

/// The parts of which the statements about attempts are made; each hangs on the guard.
extension Store {
    /// The call that begins an attempt.
    static func beginning(_ begin: BeginAttempt) -> SQL {
        """
        runner.begin_attempt(run => \(begin.runID), fence => \(begin.fence), step => \(begin.stepID),
            agent => \(begin.agent), input => \(begin.input)::jsonb, commit_before => \(begin.commitBefore),
            branch_before => \(begin.branchBefore))
        """
    }

    /// Arguments: open steps that get another state, and the turns of the groups among them.
    static func changing(_ changes: [StepID: StepStatus], turns: [StepID: Int]) -> SQL {
        """
        changed_steps => \(changes.keys.map(\.uuid)), changed_statuses => \(changes.values.map(\.rawValue)),
        changed_turns => \(changes.keys.map { turns[$0] ?? -1 })
        """
    }

    /// How long a worktree stays after its run.
    static func retention(_ given: Duration?) -> SQL { (given ?? defaultRetention).interval }

    /// The tool executions of `ended_attempt`.
    static func recorded(_ tools: [ToolExecution]) -> SQL {
        """
        recorded_tools as (
            insert into runner.tool_executions
                (attempt_id, position, call_id, name, arguments, output, status, error, started_at, completed_at)
            select a.id, x.position, x.call_id, x.name, coalesce(x.arguments, 'null'), x.output, x.status, x.error,
                coalesce(x.started_at, a.started_at),
                case when x.status = 'unknown' and x.completed_at is null then null
                     else greatest(coalesce(x.completed_at, now()), x.started_at, a.started_at) end
            from ended_attempt a, jsonb_to_recordset(\(ToolExecution.document(tools))::jsonb) as x (
                position integer, call_id text, name text, arguments jsonb, output text, status text, error text,
                started_at timestamptz, completed_at timestamptz)
        )
        """
    }

    /// `parked_run` with its task: the run waits without an owner.
    static func parked(_ wait: RunWait, until moment: SQL? = nil, after: SQL) -> SQL {
        let delayed: SQL = wait.delay.map { "now() + \($0.interval)" } ?? "null"
        let due = moment ?? delayed
        // A gate tells by its approval.
        let hold = moment == nil ? RunHold(reason: wait.reason, budget: wait.budget).document : nil
        return """
            parked_run as (
                update runner.runs r set status = 'waiting', owner_session_id = null,
                    waiter_session_id = case when \(wait.isHeld) then r.owner_session_id end,
                    due_at = \(due), parked = \(hold)::jsonb,
                    takeovers = 0
                from guard g where r.id = g.id and exists (\(after))
                returning r.id, r.task_id, r.number, r.due_at
            ), parked_task as (
                update runner.tasks t set status = 'waiting' from parked_run r where t.id = r.task_id
            ), parked_event as (
                insert into runner.events (task_id, kind, detail)
                select task_id, 'run.waiting', jsonb_build_object('run', number, 'until', due_at,
                    'reason', \(wait.reason?.storable)::text)
                from parked_run
            )
            """
    }
}
