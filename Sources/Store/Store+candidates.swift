import Postgres
package import RunnerCore

extension Store {
    /// Chooses the ids of the runs that work as candidates for these steps; a step that has one keeps it.
    ///
    /// Throws `StoreError.fenced` when the run has another owner or has ended.
    package func nameCandidates(_ run: RunID, fence: Int, _ steps: [StepID]) async throws {
        let rows = try await client.query(
            """
            with \(Self.guarded(run, fence)),
            named as (
                update runner.steps s set child_run_id = gen_random_uuid() from guard g
                where s.run_id = g.id and s.id = any (\(steps.map(\.uuid))) and s.child_run_id is null
            )
            select id from guard
            """)
        guard !rows.isEmpty else { throw StoreError.fenced(run) }
    }

    /// The candidates of a run that have been named, in order of position.
    package func candidates(of run: RunID) async throws -> [CandidateRun] {
        let sql: SQL = """
            select s.key, s.child_run_id, r.status, r.error, c.cost_usd,
                \(columns(TaskRecord.columnNames, of: "t")), \(columns(EnvironmentRecord.columnNames, of: "e"))
            from runner.steps s
            left join runner.runs r on r.id = s.child_run_id
            left join runner.tasks t on t.id = r.task_id
            left join runner.environments e on e.id = r.environment_id
            left join lateral (
                select sum(a.cost_usd) as cost_usd from runner.steps x join runner.step_attempts a on a.step_id = x.id
                where x.run_id = r.id
            ) c on true
            where s.run_id = \(run) and s.child_run_id is not null order by s.position
            """
        return try await client.query(sql).map { row in
            let task: TaskID? = try row.decodeIfPresent("t_id")
            let environment: EnvironmentID? = try row.decodeIfPresent("e_id")
            return CandidateRun(
                stepKey: try row.decode("key"), runID: try row.decode("child_run_id"),
                task: task == nil ? nil : try TaskRecord(row, "t"), status: try row.decodeIfPresent("status"),
                error: try row.decodeIfPresent("error"),
                environment: environment == nil ? nil : try EnvironmentRecord(row, "e"),
                costUSD: try row.decodeIfPresent("cost_usd"))
        }
    }

    /// The open runs that work for a run, at any depth.
    func openCandidates(of run: RunID) async throws -> [RunID] {
        let sql: SQL = """
            with recursive family as (
                select child_run_id as id from runner.steps where run_id = \(run) and child_run_id is not null
                union
                select s.child_run_id from runner.steps s join family f on s.run_id = f.id
                where s.child_run_id is not null
            )
            select r.id from runner.runs r join family f on f.id = r.id
            where r.status in ('queued', 'running', 'waiting')
            """
        return try await client.query(sql).map { row in try row.decode("id") }
    }
}
