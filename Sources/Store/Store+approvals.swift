import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Has the run wait at a gate, without an owner, until somebody decides or the gate expires.
    ///
    /// A gate that is pending already stays as it is, unless what was shown has changed: then it is bound to what is
    /// there now. Throws `StoreError.fenced` when the run has another owner or has ended.
    package func awaitApproval(
        _ run: RunID, fence: Int, _ request: ApprovalRequest, hasChanged: Bool = false
    ) async throws {
        let wait = RunWait(delay: request.expires, reason: "an approval")
        let end: SQL = request.expires.map { "now() + \($0.interval)" } ?? "null::timestamptz"
        // One that was asked before ends when it was to end.
        let due: SQL = """
            case when exists (select from runner.approvals where step_id = \(request.stepID) and status = 'pending')
                then (select case when expires_at is not null then greatest(expires_at, now() + interval '1 second') end
                      from runner.approvals where step_id = \(request.stepID) and status = 'pending')
                else \(end) end
            """
        let rows = try await client.query(
            """
            with \(Self.guarded(run, fence)),
            asked as (
                insert into runner.approvals as v
                    (step_id, message, commit_id, tree_id, outputs_sha256, rework, expires_at)
                select \(request.stepID), \(request.message.storable), \(request.commit), \(request.tree),
                    decode(\(request.outputsSHA256), 'hex'), \(request.rework),
                    \(end)
                from guard
                on conflict (step_id) where status = 'pending' do update
                set commit_id = excluded.commit_id, tree_id = excluded.tree_id,
                    outputs_sha256 = excluded.outputs_sha256
                where \(hasChanged)
                returning v.step_id
            ), gate as (
                update runner.steps s set status = 'waiting' from guard g
                where s.id = \(request.stepID) and s.run_id = g.id and s.status in ('pending', 'waiting')
            ), asked_event as (
                insert into runner.events (task_id, kind, detail)
                select g.task_id, case when \(hasChanged) then 'approval.voided' else 'approval.requested' end,
                    jsonb_build_object('step', s.key)
                from guard g, asked a join runner.steps s on s.id = a.step_id
            ), \(Self.parked(wait, until: due, after: "select id from guard"))
            select id from parked_run
            """)
        guard !rows.isEmpty else { throw StoreError.fenced(run) }
    }

    /// `closed_gates`: questions that nobody needs to answer any more; `runs` is a part with the runs' ids.
    static func closedGates(of runs: SQL) -> SQL {
        """
        closed_gates as (
            update runner.approvals v set status = 'expired', decided_at = greatest(now(), v.requested_at)
            from \(runs) r join runner.steps s on s.run_id = r.id
            where v.step_id = s.id and v.status = 'pending'
        )
        """
    }

    /// Of a run, oldest first.
    package func approvals(of run: RunID) async throws -> [ApprovalRecord] {
        let sql: SQL = """
            select \(ApprovalRecord.columns) from runner.approvals v join runner.steps s on s.id = v.step_id
            where s.run_id = \(run) order by v.requested_at, v.created_at, v.id
            """
        return try await client.query(sql).map { row in try ApprovalRecord(row) }
    }

    /// The gates at which runs wait, those that wait longest first.
    package func pendingApprovals() async throws -> [PendingApproval] {
        let sql: SQL = """
            select \(ApprovalRecord.columns), r.number as run_number, \(columns(TaskRecord.columnNames, of: "t"))
            from runner.approvals v
            join runner.steps s on s.id = v.step_id
            join runner.runs r on r.id = s.run_id
            join runner.tasks t on t.id = r.task_id
            where v.status = 'pending' and r.status = 'waiting' order by v.requested_at, v.id
            """
        return try await client.query(sql).map { row in
            PendingApproval(
                task: try TaskRecord(row, "t"), runNumber: try row.decode("run_number"),
                approval: try ApprovalRecord(row))
        }
    }

    /// Decides a pending gate of a waiting run and queues the run; of many who decide at once one wins.
    ///
    /// False when it was decided, voided or has expired, or when the run does not wait.
    package func decide(
        _ approval: ApprovalID, of run: RunID, _ status: ApprovalRecord.Status, by: String, notes: String?,
        rework: String? = nil
    ) async throws -> Bool {
        let rows = try await client.query(
            """
            with r as materialized (
                select id, task_id, number from runner.runs where id = \(run) and status = 'waiting' for update
            ), decided as (
                update runner.approvals v set status = \(status), decided_at = \(Self.end(since: "v.requested_at")),
                    decided_by = \(by.storable), notes = \(notes?.storable), rework = coalesce(\(rework), v.rework)
                from r join runner.steps s on s.run_id = r.id
                where v.id = \(approval) and v.step_id = s.id and v.status = 'pending' and s.status = 'waiting'
                  and (v.expires_at is null or v.expires_at > now())
                returning v.id, s.key, r.task_id
            ), queued as (
                update runner.runs r set status = 'queued', due_at = null, waiter_session_id = null
                where r.id = \(run) and exists (select from decided)
                returning r.task_id
            ), t as (
                update runner.tasks t set status = 'queued' from queued q where t.id = q.task_id
            ), event as (
                insert into runner.events (task_id, kind, detail)
                select task_id, 'approval.' || \(status), jsonb_build_object('step', key, 'by', \(by.storable)::text,
                    'note', \(notes?.storable)::text)
                from decided
            )
            select id from decided
            """)
        return !rows.isEmpty
    }

    /// Binds a pending gate to what is there now: what it was bound to has changed. False when it was not pending.
    package func renewApproval(
        _ approval: ApprovalID, commit: String?, tree: String?, outputsSHA256: String?
    ) async throws -> Bool {
        let rows = try await client.query(
            """
            with held as materialized (
                select r.task_id, s.id as step_id, s.key from runner.approvals v
                join runner.steps s on s.id = v.step_id join runner.runs r on r.id = s.run_id
                where v.id = \(approval) for no key update of r
            ), renewed as (
                update runner.approvals v set commit_id = \(commit), tree_id = \(tree),
                    outputs_sha256 = decode(\(outputsSHA256), 'hex')
                from held h where v.id = \(approval) and v.step_id = h.step_id and v.status = 'pending'
                returning h.task_id, h.key, v.step_id
            ), event as (
                insert into runner.events (task_id, kind, detail)
                select task_id, 'approval.voided', jsonb_build_object('step', key) from renewed
            )
            select step_id from renewed
            """)
        return !rows.isEmpty
    }

    /// Notes that nobody decided in time.
    package func expireApproval(_ approval: ApprovalID) async throws {
        _ = try await client.execute(
            """
            update runner.approvals set status = 'expired', decided_at = greatest(now(), requested_at)
            where id = \(approval) and status = 'pending'
            """)
    }
}
