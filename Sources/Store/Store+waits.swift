import Postgres
package import RunnerCore

extension Store {
    /// Lets go of a run until other tasks have ended; the transaction that ends the last of them lets it go on.
    ///
    /// By the rule `completed` the run is cancelled, with a sentence, when one of them fails or is cancelled; by `ended`
    /// any end will do. Meanwhile it has no owner, no slot and no due time. With tasks that have all ended it is queued
    /// at once. Throws `StoreError.fenced` for a replaced owner. A transaction of four statements.
    package func parkRun(
        _ run: RunID, fence: Int, until tasks: [TaskID], rule: WaitRule, isHeld: Bool = false
    ) async throws {
        try await client.withTransaction(retrying: 5) { connection in
            try Self.lockAwaited(tasks, on: connection)
            let parked = try connection.query(
                """
                with \(Self.guarded(run, fence)),
                r as (
                    update runner.runs r set status = 'waiting', owner_session_id = null, takeovers = 0,
                        due_at = null, parked = null,
                        waiter_session_id = case when \(isHeld) then r.owner_session_id end
                    from guard g where r.id = g.id
                    returning r.id, r.task_id, r.number
                ), t as (
                    update runner.tasks t set status = 'waiting' from r where t.id = r.task_id
                ), event as (
                    insert into runner.events (task_id, kind, detail)
                    select task_id, 'run.waiting', jsonb_build_object('run', number, 'reason', 'other tasks') from r
                )
                select id from r
                """)
            guard !parked.isEmpty else { throw StoreError.fenced(run) }
            try Self.await(tasks, rule, run: run, on: connection)
        }
    }

    /// The numbers of the tasks that a task's open run waits for and that have not ended, in order.
    package func awaitedTasks(of task: TaskID) async throws -> [Int] {
        try await client.query(
            """
            select t.number from runner.runs r
            join runner.run_waits w on w.run_id = r.id and w.settled_at is null
            join runner.tasks t on t.id = w.task_id
            where r.task_id = \(task) and r.status = 'waiting' and t.status in ('queued', 'running', 'waiting')
            order by t.number
            """
        ).map { row in try row.decode("number") }
    }

    /// Keeps tasks from ending until the transaction is over: their end then finds who waits for them.
    static func lockAwaited(_ tasks: [TaskID], on connection: borrowing PostgresConnection) throws {
        let found = try connection.query(
            "select id from runner.tasks where id = any (\(tasks.map(\.uuid))) order by number for share")
        let known = try Set(found.map { row in try row.decode("id", as: TaskID.self) })
        if let missing = tasks.first(where: { !known.contains($0) }) {
            throw StoreError.notFound(kind: "task", text: missing.description)
        }
    }

    /// Has a waiting run wait for locked tasks, and settles it at once where they have ended.
    static func await(
        _ tasks: [TaskID], _ rule: WaitRule, run: RunID, on connection: borrowing PostgresConnection
    ) throws {
        try connection.execute(
            """
            insert into runner.run_waits (run_id, task_id, rule)
            select \(run), t.id, \(rule) from unnest(\(tasks.map(\.uuid))) as t (id)
            on conflict (run_id, task_id) do update set rule = excluded.rule, settled_at = null
            """)
        _ = try connection.query("select runner.settle_run(\(run)) as ended")
    }

    /// The same numbers for a list, of the run whose id is `run`.
    static func awaited(by run: SQL) -> SQL {
        """
        array(select x.number from runner.run_waits w join runner.tasks x on x.id = w.task_id
              where w.run_id = \(run) and w.settled_at is null and x.status in ('queued', 'running', 'waiting')
              order by x.number)
        """
    }
}
