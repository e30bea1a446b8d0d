import Foundation
import Postgres
import RunnerCore

extension Store {
    /// Tasks with what a list shows of them, newest first, in one statement.
    package func tasks(_ filter: TaskFilter) async throws -> [TaskSummary] {
        let rows = try await client.query(
            """
            with gated as materialized (
                select r.task_id, min(s.key) as gate
                from runner.approvals v
                join runner.steps s on s.id = v.step_id
                join runner.runs r on r.id = s.run_id
                join runner.tasks x on x.id = r.task_id
                where v.status = 'pending' and r.status = 'waiting' and x.status = 'waiting'
                group by r.task_id
            ), t as (
                (select t.*, g.gate from runner.tasks t join gated g on g.task_id = t.id
                 where \(Self.condition(filter)) order by t.number desc limit \(max(0, filter.limit)))
                union all
                (select t.*, null from runner.tasks t
                 where \(Self.condition(filter)) and not exists (select from gated g where g.task_id = t.id)
                 order by t.number desc limit \(max(0, filter.limit)))
            )
            select t.gate, \(columns(TaskRecord.columnNames, of: "t")), r.due_at, r.parked, t.priority,
                \(Self.awaited(by: "r.id")) as waits_for, p.name as repository_name, e.branch,
                e.worktree_path, e.status as environment_status, e.cleanup_after, coalesce(e.kept, false) as kept,
                s.current_step, s.steps_done, s.steps_total, a.cost_usd, a.input_tokens, a.output_tokens,
                a.cache_read_tokens, a.cache_write_tokens
            from t
            join runner.repositories p on p.id = t.repository_id
            left join lateral (select * from runner.environments where task_id = t.id
                               order by created_at desc, id limit 1) e on true
            left join lateral (select id, due_at, parked from runner.runs where task_id = t.id order by number desc limit 1) r on true
            cross join lateral (
                select min(key) filter (where status in ('running', 'waiting')) as current_step,
                    count(*) filter (where finished_at is not null) as steps_done, count(*) as steps_total
                from runner.steps where run_id = r.id
            ) s
            cross join lateral (
                select sum(a.cost_usd) as cost_usd,
                    least(coalesce(sum(a.input_tokens), 0), \(TokenUsage.limit)) as input_tokens,
                    least(coalesce(sum(a.output_tokens), 0), \(TokenUsage.limit)) as output_tokens,
                    least(coalesce(sum(a.cache_read_tokens), 0), \(TokenUsage.limit)) as cache_read_tokens,
                    least(coalesce(sum(a.cache_write_tokens), 0), \(TokenUsage.limit)) as cache_write_tokens
                from runner.runs r
                join runner.steps s on s.run_id = r.id
                join runner.step_attempts a on a.step_id = s.id
                where r.task_id = t.id
            ) a
            order by t.gate is null, t.number desc limit \(max(0, filter.limit))
            """)
        return try rows.map { row in try Self.summary(row) }
    }

    private static func condition(_ filter: TaskFilter) -> SQL {
        var parts: [SQL] = ["true"]
        if !filter.statuses.isEmpty { parts.append("t.status = any(\(filter.statuses.map(\.rawValue)))") }
        if let id = filter.repositoryID { parts.append("t.repository_id = \(id)") }
        if let id = filter.projectID {
            parts.append("t.repository_id in (select id from runner.repositories where project_id = \(id))")
        }
        if let stage = filter.stage { parts.append("t.stage = \(stage.storable)") }
        return parts.joined(separator: " and ")
    }

    private static func summary(_ row: PostgresRow) throws -> TaskSummary {
        TaskSummary(
            task: try TaskRecord(row, "t"), repositoryName: try row.decode("repository_name"),
            branch: try row.decodeIfPresent("branch"), worktreePath: try row.decodeIfPresent("worktree_path"),
            environmentStatus: try row.decodeIfPresent("environment_status"),
            cleanupAfter: try row.decodeIfPresent("cleanup_after"), kept: try row.decode("kept"),
            dueAt: try row.decodeIfPresent("due_at"),
            hold: RunHold(document: try row.decodeIfPresent("parked")), gate: try row.decodeIfPresent("gate"),
            priority: try row.decode("priority"),
            waitsFor: try row.decode("waits_for"), currentStep: try row.decodeIfPresent("current_step"),
            stepsDone: try row.decode("steps_done"),
            stepsTotal: try row.decode("steps_total"), totalCostUSD: try row.decodeIfPresent("cost_usd"),
            totalUsage: TokenUsage(
                input: try row.decode("input_tokens"), output: try row.decode("output_tokens"),
                cacheRead: try row.decode("cache_read_tokens"), cacheWrite: try row.decode("cache_write_tokens")))
    }
}
