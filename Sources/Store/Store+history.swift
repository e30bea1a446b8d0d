package import Foundation
import Postgres
package import RunnerCore

extension Store {
    package func run(_ id: RunID) async throws -> RunRecord {
        let rows = try await client.query("\(RunRecord.select(from: "runner.runs")) where r.id = \(id)")
        guard let row = rows.first else { throw StoreError.notFound(kind: "run", text: id.description) }
        return try RunRecord(row)
    }

    /// The run that goes on, else the one that ended last: an older one may have been taken up again.
    package func latestRun(of task: TaskID) async throws -> RunRecord? {
        let sql: SQL = """
            \(RunRecord.select(from: "runner.runs")) where r.task_id = \(task)
            order by r.finished_at desc nulls first, r.number desc limit 1
            """
        return try await client.query(sql).first.map { row in try RunRecord(row) }
    }

    /// The newest run that has the step `key`: what was told an agent later is a run of its own. The newest of all where
    /// none has it, or without a key.
    package func latestRun(of task: TaskID, having key: String?) async throws -> RunRecord? {
        guard let key else { return try await latestRun(of: task) }
        let sql: SQL = """
            \(RunRecord.select(from: "runner.runs")) where r.task_id = \(task)
            order by exists (select from runner.steps s where s.run_id = r.id and s.key = \(key)) desc, r.number desc
            limit 1
            """
        return try await client.query(sql).first.map { row in try RunRecord(row) }
    }

    /// In order of position.
    package func steps(of run: RunID) async throws -> [StepRecord] {
        let sql: SQL = """
            select \(columns(StepRecord.columnNames, of: "s")) from runner.steps s
            where s.run_id = \(run) order by s.position
            """
        return try await client.query(sql).map { row in try StepRecord(row, "s") }
    }

    /// In order of the steps' positions, then of the attempts' numbers.
    package func attempts(of run: RunID) async throws -> [AttemptRecord] {
        let sql: SQL = """
            select \(columns(AttemptRecord.columnNames, of: "a")) from runner.step_attempts a
            join runner.steps s on s.id = a.step_id
            where s.run_id = \(run) order by s.position, a.number
            """
        return try await client.query(sql).map { row in try AttemptRecord(row, "a") }
    }

    /// In the order in which the agent made them.
    package func toolExecutions(of attempt: AttemptID) async throws -> [ToolExecution] {
        let sql: SQL = """
            select \(columns(ToolExecution.columnNames, of: "x")) from runner.tool_executions x
            where x.attempt_id = \(attempt) order by x.position
            """
        return try await client.query(sql).map { row in try ToolExecution(row, "x") }
    }

    /// A task's events with ids above `after`, oldest first; a reader that goes on from the last id misses none.
    package func events(of task: TaskID, after: Int = 0, limit: Int = 1_000) async throws -> [EventRecord] {
        let sql: SQL = """
            select \(columns(EventRecord.columnNames, of: "v")) from runner.events v
            where v.task_id = \(task) and v.id > \(after) order by v.id limit \(max(0, limit))
            """
        return try await client.query(sql).map { row in try EventRecord(row, "v") }
    }

    /// Whether a task's worktree went back to an earlier step after `moment`.
    package func wasRewound(_ task: TaskID, after moment: Date) async throws -> Bool {
        let sql: SQL = """
            select 1 as one from runner.events
            where task_id = \(task) and kind = 'task.rewound' and created_at >= \(moment) limit 1
            """
        return try await !client.query(sql).isEmpty
    }

    /// Adds an event to a task's history, holding its runs: whoever else writes one holds the run that goes on, which
    /// need not be the newest, or makes another.
    package func recordEvent(task: TaskID, kind: String, detail: JSONValue = .object([:])) async throws {
        let count = try await client.execute(
            """
            with held as materialized (
                select r.task_id from runner.runs r where r.task_id = \(task) order by r.number for no key update
            )
            insert into runner.events (task_id, kind, detail)
            select \(task), \(kind), \(detail)::jsonb where (select count(*) from held) > 0
            """)
        guard count == 1 else { throw StoreError.notFound(kind: "task", text: task.description) }
    }
}
