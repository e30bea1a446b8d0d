import Foundation
import Postgres
import RunnerCore

/// The parts of which the statements about attempts are made; each hangs on the guard.
extension Store {
    /// The guard once more, but empty when the next step has ended: then nothing is to be written at all.
    static func allowed(_ finish: FinishAttempt) -> SQL {
        guard let next = finish.next else { return "allowed as materialized (select id, task_id from guard)" }
        return """
            allowed as materialized (
                select g.id, g.task_id from guard g join runner.steps s on s.run_id = g.id
                where s.id = \(next.stepID) and s.status in \(openSteps)
            )
            """
    }

    /// `begun_step`, `begun_attempt` and their event, once `after` has a row.
    static func begun(_ begin: BeginAttempt, after: SQL) -> SQL {
        """
        begun_step as (
            update runner.steps s set status = 'running', started_at = coalesce(s.started_at, now())
            from guard g
            where s.id = \(begin.stepID) and s.run_id = g.id and s.status in \(openSteps) and exists (\(after))
            returning s.id, s.key, s.stage, g.task_id
        ), begun_attempt as (
            insert into runner.step_attempts (step_id, number, fence, agent, input, commit_before, branch_before)
            select s.id, 1 + coalesce((select max(number) from runner.step_attempts where step_id = s.id), 0),
                \(begin.fence), \(begin.agent), \(begin.input)::jsonb, \(begin.commitBefore),
                \(begin.branchBefore)
            from begun_step s
            returning *
        ), staged_task as (
            update runner.tasks t set stage = s.stage from begun_step s
            where t.id = s.task_id and s.stage is not null and t.stage is distinct from s.stage
        ), begun_event as (
            insert into runner.events (task_id, kind, detail)
            select s.task_id, 'step.started',
                jsonb_build_object('step', s.key, 'attempt', a.number, 'agent', a.agent)
            from begun_step s join begun_attempt a on a.step_id = s.id
        )
        """
    }

    /// `ended_attempt` with its event.
    static func ended(_ attempt: AttemptRecord) -> SQL {
        let cost = attempt.costUSD.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        return """
            ended_attempt as (
                update runner.step_attempts a set status = \(attempt.status), exit_code = \(attempt.exitCode),
                    signal = \(attempt.signal), output = \(attempt.output)::jsonb,
                    agent = coalesce(\(attempt.agent), a.agent),
                    agent_session_id = coalesce(\(attempt.agentSessionID?.storable), a.agent_session_id),
                    commit_before = coalesce(\(attempt.commitBefore), a.commit_before),
                    commit_after = \(attempt.commitAfter), files_changed = \(attempt.filesChanged),
                    insertions = \(attempt.insertions), deletions = \(attempt.deletions),
                    model = \(attempt.model?.storable), input_tokens = \(attempt.usage?.input),
                    output_tokens = \(attempt.usage?.output), cache_read_tokens = \(attempt.usage?.cacheRead),
                    cache_write_tokens = \(attempt.usage?.cacheWrite), cost_usd = \(cost),
                    output_bytes = \(attempt.outputBytes),
                    output_sha256 = decode(\(attempt.outputSHA256), 'hex'),
                    log = \(AttemptRecord.document(attempt.log))::jsonb,
                    stop = \(AttemptRecord.document(attempt.stop))::jsonb, error = \(attempt.error?.storable),
                    failure_class = \(attempt.failureClass), retry_at = \(attempt.retryAt?.plausible),
                    finished_at = \(end(since: "a.started_at")),
                    duration_ms = coalesce(\(attempt.durationMilliseconds),
                        (extract(epoch from \(end(since: "a.started_at")) - a.started_at) * 1000)::bigint)
                from allowed g, runner.steps s
                where a.id = \(attempt.id) and a.status = 'running' and a.step_id = s.id
                  and s.id = \(attempt.stepID) and s.run_id = g.id
                returning a.id, a.number, a.status, a.exit_code, a.duration_ms, a.started_at, s.key, g.task_id
            ), ended_event as (
                insert into runner.events (task_id, kind, detail)
                select task_id, 'step.finished', jsonb_build_object('step', key, 'attempt', number,
                    'status', status, 'exit_code', exit_code, 'duration_ms', duration_ms)
                from ended_attempt
            )
            """
    }

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

    /// `changed_steps`: open steps that get another state, once `after` has a row.
    ///
    /// `turns` are those of the groups among them.
    static func changed(
        _ changes: [(StepID, StepStatus)], turns: [StepID: Int] = [:], after: SQL
    ) -> SQL {
        let latest = Dictionary(changes.map { ($0.0, $0.1) }, uniquingKeysWith: { _, last in last })
        let ids = latest.keys.map(\.uuid)
        let statuses = latest.values.map(\.rawValue)
        let rounds = latest.keys.map { turns[$0] ?? -1 }
        return """
            changed_steps as (
                update runner.steps s set status = c.status,
                    started_at = case c.status when 'pending' then null
                                               when 'running' then coalesce(s.started_at, now())
                                               else s.started_at end,
                    finished_at = case when c.status in \(endedSteps) then \(end(since: "s.started_at")) end,
                    iteration = case when c.turn < 0 then s.iteration else c.turn end
                from guard g, unnest(\(ids), \(statuses), \(rounds)) as c (id, status, turn)
                where s.id = c.id and s.run_id = g.id and s.status in \(openSteps)
                  and (s.status <> c.status or (c.turn >= 0 and s.iteration <> c.turn)) and exists (\(after))
                returning s.id, s.key, s.status, g.task_id
            ), changed_event as (
                insert into runner.events (task_id, kind, detail)
                select task_id, 'step.' || status, jsonb_build_object('step', key) from changed_steps
                where status in ('skipped', 'cancelled', 'waiting')
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

    /// Notes where the environment stands, together with the attempt that brought it there.
    static func headed(_ commit: String, base: String?) -> SQL {
        """
        headed as (
            update runner.environments e set head_commit = \(commit), base_commit = coalesce(\(base), e.base_commit)
            from guard g
            where e.id = g.environment_id
              and (e.head_commit, e.base_commit) is distinct from (\(commit), coalesce(\(base), e.base_commit))
              and exists (select id from ended_attempt)
        )
        """
    }

    /// An attempt that came to an end of its own: takeovers are counted anew.
    static let settled: SQL = """
        settled as (
            update runner.runs r set takeovers = 0 from guard g
            where r.id = g.id and r.takeovers > 0 and exists (select id from ended_attempt)
        )
        """

    /// `finished_run` with its task, environment and event, and an end for every step and attempt left open.
    static func finished(
        _ finish: RunFinish, excluding steps: [StepID] = [], attempt: AttemptID? = nil, after: SQL
    ) -> SQL {
        let isCancelled = finish.status == .cancelled
        let running = (isCancelled ? StepStatus.cancelled : .failed).rawValue
        // A step that a decision skips is skipped by name; what is still pending here never came to be decided on, and
        // a retry begins there.
        let pending = StepStatus.cancelled.rawValue
        return """
            finished_run as (
                update runner.runs r set status = \(finish.status), error = \(finish.error?.storable),
                    owner_session_id = null, finished_at = \(end(since: "r.started_at"))
                from guard g where r.id = g.id and exists (\(after))
                returning r.id, r.task_id, r.number, r.environment_id, r.status, r.error
            ), left_attempts as (
                update runner.step_attempts a set status = 'interrupted', finished_at = \(end(since: "a.started_at")),
                    duration_ms = (extract(epoch from \(end(since: "a.started_at")) - a.started_at) * 1000)::bigint,
                    error = coalesce(a.error, 'the run ended')
                from finished_run r join runner.steps s on s.run_id = r.id
                where a.step_id = s.id and a.status = 'running' and a.id is distinct from \(attempt)
            ), left_steps as (
                update runner.steps s
                set status = case s.status when 'running' then \(running) else \(pending) end,
                    finished_at = \(end(since: "s.started_at"))
                from finished_run r
                where s.run_id = r.id and s.status in \(openSteps) and s.id <> all (\(steps.map(\.uuid)))
            ), \(closed(cleanupAfter: finish.cleanupAfter))
            """
    }

    /// What follows from `finished_run` for the task and the environment.
    static func closed(cleanupAfter: Duration?) -> SQL {
        let retention = (cleanupAfter ?? defaultRetention).interval
        return """
            finished_task as (
                update runner.tasks t
                set status = r.status, error = r.error, completed_at = \(end(since: "t.started_at"))
                from finished_run r where t.id = r.task_id
            ), idle_environment as (
                update runner.environments e set status = 'idle', last_accessed = now(),
                    cleanup_after = case when not e.kept then now() + coalesce(e.retention, \(retention)) end
                from finished_run r
                where e.id = r.environment_id and e.status in ('initializing', 'running', 'testing', 'idle')
            ), finished_event as (
                insert into runner.events (task_id, kind, detail)
                select task_id, 'run.' || status, jsonb_build_object('run', number, 'error', error) from finished_run
            )
            """
    }
}
