import Postgres
package import RunnerCore

extension Store {
    /// Ends a run and its task, frees the owner and starts the worktree's deadline.
    ///
    /// Steps that are still open end with it: `cancelled` for a cancelled run, else `failed` when they were running and
    /// `skipped` when not. `cleanupAfter: nil` is `defaultRetention`. Throws `StoreError.fenced` for a replaced owner.
    package func finishRun(
        _ run: RunID, fence: Int, status: RunStatus, error: String? = nil, cleanupAfter: Duration? = nil
    ) async throws {
        let finish = RunFinish(status: status, error: error, cleanupAfter: cleanupAfter)
        guard try await end(run, fence: fence, finish) else { throw StoreError.fenced(run) }
    }

    private func end(_ run: RunID, fence: Int, _ finish: RunFinish) async throws -> Bool {
        let rows = try await client.query(
            """
            select runner.finish_run(run => \(run), fence => \(fence), ended => \(finish.status),
                reason => \(finish.error?.storable), retention => \(Self.retention(finish.cleanupAfter))) as done
            """)
        return try rows.first?.decode("done") ?? false
    }

    /// Gives open steps another state, as `skipped`; steps that have ended stay as they are.
    package func setStepStatuses(
        _ run: RunID, fence: Int, _ changes: [(StepID, StepStatus)], turns: [StepID: Int] = [:]
    ) async throws {
        let rows = try await client.query(
            """
            select runner.set_steps(run => \(run), fence => \(fence),
                \(Self.changing(Dictionary(changes, uniquingKeysWith: { _, last in last }), turns: turns))) as done
            """)
        guard try rows.first?.decode("done", as: Bool.self) == true else { throw StoreError.fenced(run) }
    }

    /// Lets go of a run until a time.
    package func parkRun(_ run: RunID, fence: Int, _ wait: RunWait) async throws {
        let rows = try await client.query(
            """
            with \(Self.guarded(run, fence)), \(Self.parked(wait, after: "select id from guard"))
            select id from parked_run
            """)
        guard !rows.isEmpty else { throw StoreError.fenced(run) }
    }

    /// Gives a run back to the queue as it stands: its step may go on under its shim until the next owner adopts it.
    package func releaseRun(_ run: RunID, fence: Int) async throws {
        let rows = try await client.query(
            """
            with \(Self.guarded(run, fence)),
            r as (
                update runner.runs r set status = 'queued', owner_session_id = null from guard g where r.id = g.id
                returning r.id, r.task_id, r.number
            ), t as (
                update runner.tasks t set status = 'queued' from r where t.id = r.task_id
            ), event as (
                insert into runner.events (task_id, kind, detail)
                select task_id, 'run.released', jsonb_build_object('run', number) from r
            )
            select id from r
            """)
        guard !rows.isEmpty else { throw StoreError.fenced(run) }
    }

    /// Whether the holder of `fence` still owns the run and may change anything outside the database for it.
    package func ownsRun(_ run: RunID, fence: Int) async throws -> Bool {
        let sql: SQL = """
            select exists (select from runner.runs where id = \(run) and fence = \(fence) and status = 'running') as owned
            """
        return try await client.query(sql).first?.decode("owned") ?? false
    }

    /// Makes a running attempt of an earlier owner one of the present owner, who goes on with it.
    package func adoptAttempt(_ attempt: AttemptID, run: RunID, fence: Int) async throws {
        let rows = try await client.query(
            """
            with \(Self.guarded(run, fence)),
            a as (
                update runner.step_attempts a set fence = \(fence) from guard g, runner.steps s
                where a.id = \(attempt) and a.status = 'running' and s.id = a.step_id and s.run_id = g.id
                returning a.number, a.fence, s.key, g.task_id
            ), event as (
                insert into runner.events (task_id, kind, detail)
                select task_id, 'step.adopted', jsonb_build_object('step', key, 'attempt', number) from a
            )
            select (select count(*) from guard) as guarded, (select count(*) from a) as adopted
            """)
        guard let row = rows.first, try row.decode("guarded", as: Int.self) == 1 else { throw StoreError.fenced(run) }
        guard try row.decode("adopted", as: Int.self) == 1 else { throw StoreError.attemptEnded(attempt) }
    }

    /// Bytes of each stream of an attempt that are kept, from its beginning.
    package func keptOutput(of attempt: AttemptID) async throws -> [LogStream: Int] {
        let rows = try await client.query(
            """
            select stream, max(byte_offset + octet_length(bytes)) as length from runner.step_logs
            where attempt_id = \(attempt) group by stream
            """)
        return Dictionary(
            try rows.map { row in
                (try row.decode("stream", as: LogStream.self), try row.decode("length", as: Int.self))
            },
            uniquingKeysWith: max)
    }

    package func cancelRequested(_ run: RunID) async throws -> Bool {
        let rows = try await client.query(
            "select cancel_requested_at is not null as requested from runner.runs where id = \(run)")
        guard let row = rows.first else { throw StoreError.notFound(kind: "run", text: run.description) }
        return try row.decode("requested")
    }

    /// Asks a run's owner to cancel it, and wakes it; one that nobody owns is cancelled on the spot.
    ///
    /// The candidates of its forks are cancelled with it. False when the run had ended before. Asking twice is fine.
    package func requestCancel(
        of run: RunID, cleanupAfter: Duration? = nil
    ) async throws -> Bool {
        let isOpen = try await requestCancelAlone(of: run, cleanupAfter: cleanupAfter)
        // Also of a run that has ended: whoever asked first may have died in between.
        for candidate in try await openCandidates(of: run) {
            _ = try await requestCancelAlone(of: candidate, cleanupAfter: cleanupAfter)
        }
        return isOpen
    }

    private func requestCancelAlone(of run: RunID, cleanupAfter: Duration?) async throws -> Bool {
        let rows = try await client.query(
            """
            with asked as (
                update runner.runs r set cancel_requested_at = coalesce(r.cancel_requested_at, now()),
                    status = case r.status when 'running' then r.status else 'cancelled' end,
                    due_at = null, waiter_session_id = null,
                    finished_at = case r.status when 'running' then null else \(Self.end(since: "r.started_at")) end
                where r.id = \(run) and r.status in ('queued', 'running', 'waiting')
                returning r.*
            ), asked_event as (
                insert into runner.events (task_id, kind, detail)
                select task_id, 'run.cancel_requested', jsonb_build_object('run', number) from asked
                where status = 'running'
            ), finished_run as (
                select * from asked where status = 'cancelled'
            ), left_attempts as (
                update runner.step_attempts a set status = 'cancelled',
                    finished_at = \(Self.end(since: "a.started_at")), error = coalesce(a.error, 'cancelled'),
                    duration_ms = (extract(epoch from \(Self.end(since: "a.started_at")) - a.started_at) * 1000)::bigint
                from finished_run r join runner.steps s on s.run_id = r.id
                where a.step_id = s.id and a.status = 'running'
            ), left_steps as (
                update runner.steps s set status = 'cancelled', finished_at = \(Self.end(since: "s.started_at"))
                from finished_run r where s.run_id = r.id and s.status in \(Self.openSteps)
            ), \(Self.closedGates(of: "finished_run")), closed as materialized (
                select runner.close_run(f.task_id, f.number, f.environment_id, f.status, f.error,
                    \(Self.retention(cleanupAfter)), array[jsonb_build_object('kind', 'run.cancel_requested',
                        'detail', jsonb_build_object('run', f.number))])
                from finished_run f
            )
            select id, (select count(*) from closed) as closed from asked
            """)
        return !rows.isEmpty
    }

    /// Queues an ended run again with some of its steps as if they had never run; their attempts stay.
    ///
    /// Groups among `anew` begin at their first turn. With an owner it is running at once; a parked one waits until it is
    /// its turn in a batch. The worktree loses its deadline. Throws `StoreError.runNotEnded` when the run or another of
    /// its task is open.
    package func reopenRun(
        _ id: RunID, resetting steps: [StepID], anew: [StepID] = [], context: JSONValue? = nil,
        owner: SessionID? = nil, isParked: Bool = false
    ) async throws -> RunRecord {
        let rows: [PostgresRow]
        do {
            rows = try await client.query(Self.reopening(id, steps, anew, context, owner, isParked))
        } catch let error as PostgresError where error.code == .uniqueViolation {
            throw StoreError.runNotEnded(id)
        }
        guard let row = rows.first else {
            _ = try await run(id)
            throw StoreError.runNotEnded(id)
        }
        return try RunRecord(row)
    }

    /// Ends a run whose owner is gone: its running attempts become `interrupted`, the run and its task fail.
    ///
    /// False when the run was claimed or ended in the meantime, as the fence tells.
    package func interruptRun(
        _ id: RunID, expectedFence: Int, reason: String, cleanupAfter: Duration? = nil
    ) async throws -> Bool {
        let finish = RunFinish(status: .failed, error: reason, cleanupAfter: cleanupAfter)
        return try await end(id, fence: expectedFence, finish)
    }

    /// Ends the attempts that an earlier owner of the run left running, so that their steps can be tried again.
    ///
    /// For the new owner after a takeover. Returns the attempts that it ended.
    package func interruptAttempts(_ run: RunID, fence: Int, reason: String) async throws -> [AttemptID] {
        let end = Self.end(since: "a.started_at")
        let rows = try await client.query(
            """
            with \(Self.guarded(run, fence)),
            ended as (
                update runner.step_attempts a set status = 'interrupted', finished_at = \(end),
                    duration_ms = (extract(epoch from \(end) - a.started_at) * 1000)::bigint,
                    error = \(reason.storable)
                from guard g join runner.steps s on s.run_id = g.id
                where a.step_id = s.id and a.status = 'running' and a.fence < \(fence)
                returning a.id, a.step_id, a.number, s.key, g.task_id
            ), again as (
                update runner.steps s set status = 'pending', started_at = null from ended e
                where s.id = e.step_id and s.status = 'running'
            ), event as (
                insert into runner.events (task_id, kind, detail)
                select task_id, 'step.interrupted', jsonb_build_object('step', key, 'attempt', number) from ended
            )
            select (select count(*) from guard) as guarded, e.id from (select) one left join ended e on true
            """)
        guard let row = rows.first, try row.decode("guarded", as: Int.self) == 1 else { throw StoreError.fenced(run) }
        return try rows.compactMap { row in try row.decodeIfPresent("id") }
    }

    private static func reopening(
        _ id: RunID, _ steps: [StepID], _ anew: [StepID], _ context: JSONValue?, _ owner: SessionID?,
        _ isParked: Bool
    ) -> SQL {
        """
        with me as materialized (
            select (select id from runner.sessions where id = \(owner) and active) as id
        ), r as (
            update runner.runs r set status = case when me.id is not null then 'running'
                                               when \(isParked) then 'waiting' else 'queued' end,
                owner_session_id = me.id, fence = r.fence + case when me.id is null then 0 else 1 end,
                started_at = case when me.id is null then r.started_at else coalesce(r.started_at, now()) end,
                finished_at = null, error = null, due_at = null, parked = null, cancel_requested_at = null, takeovers = 0,
                context = coalesce(\(context)::jsonb, r.context)
            from me
            where r.id = \(id) and r.status in ('completed', 'failed', 'cancelled')
              and not exists (select from runner.environments e
                              where e.id = r.environment_id and e.status = 'cleaning')
            returning r.*
        ), t as (
            update runner.tasks t set status = r.status, completed_at = null, error = null,
                started_at = case r.status when 'running' then coalesce(t.started_at, now()) else t.started_at end
            from r
            where t.id = r.task_id
        ), s as (
            update runner.steps s set \(pendingAgain),
                iteration = case when s.id = any (\(anew.map(\.uuid))) then 0 else s.iteration end
            from r
            where s.run_id = r.id and s.id = any (\(steps.map(\.uuid)))
        ), \(closedGates(of: "r")), e as (
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
