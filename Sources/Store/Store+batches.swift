import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Items in one statement.
    private static let chunk = 2_000

    /// Makes a batch with its items, which has not begun; all of it or nothing, in one transaction.
    package func createBatch(_ new: NewBatch) async throws -> BatchRecord {
        let plan = JSONValue.object([
            "context": new.template.context,
            "steps": Self.document(
                new.template.steps.enumerated().map { position, step in
                    StepRecord(
                        runID: new.template.runID, position: step.position ?? position, key: step.key, kind: step.kind,
                        stage: step.stage)
                }),
            "agent": new.template.agent.map(JSONValue.string) ?? .null,
            "host": new.template.host.map(JSONValue.string) ?? .null,
        ])
        try await client.withTransaction { connection in
            try connection.execute(
                """
                insert into runner.batches (id, project_id, repository_id, prompt, mode, width, stop_on_failure,
                    workflow_version_id, plan, total_tasks, refines_id)
                select \(new.id), p.project_id, p.id, \(new.title.storable),
                    \(new.width == 1 ? "sequential" : "parallel"), \(new.width), \(new.stopOnFailure),
                    \(new.template.workflowVersionID), \(plan)::jsonb, \(new.items.count),
                    \(new.refines)
                from runner.repositories p where p.id = \(new.template.repositoryID)
                """)
            for start in stride(from: 0, to: new.items.count, by: Self.chunk) {
                let items = new.items[start..<min(start + Self.chunk, new.items.count)]
                try connection.execute(
                    """
                    insert into runner.batch_tasks (batch_id, sequence, original_state)
                    select \(new.id), \(start) + i.place, i.state
                    from jsonb_array_elements(\(JSONValue.array(items.map(\.document)))::jsonb)
                        with ordinality as i (state, place)
                    """)
            }
        }
        return try await batch(new.id)
    }

    /// Has a batch go on, with its next items begun for `session` while that lives, else queued; one round trip.
    ///
    /// Safe to call again, also on one that is at work.
    package func beginBatch(_ id: BatchID, for session: SessionID?) async throws {
        try await client.withTransaction(retrying: 5) { connection in
            let rows = try connection.query(
                """
                update runner.batches b set status = 'processing', started_at = coalesce(b.started_at, now()),
                    finished_at = null, error = null,
                    session_id = (select id from runner.sessions where id = \(session) and active)
                where b.id = \(id) and b.completed_tasks < b.total_tasks
                returning id
                """)
            guard !rows.isEmpty else { return }
            _ = try connection.query("select runner.advance_batch(\(id))::text as done")
        }
    }

    /// The batch with a number (`3` or `#3`).
    package func batch(matching text: String) async throws -> BatchRecord {
        let typed = TypedNumber(text)
        guard typed.isNumber else { throw StoreError.noReference(kind: "batch", text: text) }
        guard let number = typed.value, let batch = try await batches(where: "b.number = \(number)", limit: 1).first
        else {
            throw StoreError.notFound(kind: "batch", text: text)
        }
        return batch
    }

    package func batch(_ id: BatchID) async throws -> BatchRecord {
        guard let batch = try await batches(where: "b.id = \(id)", limit: 1).first else {
            throw StoreError.notFound(kind: "batch", text: id.description)
        }
        return batch
    }

    /// Whether a batch with this id was made: what a lost answer left open.
    package func hasBatch(_ id: BatchID) async throws -> Bool {
        try await !batches(where: "b.id = \(id)", limit: 1).isEmpty
    }

    /// The newest batches, with the counts of their items.
    package func batches(limit: Int) async throws -> [BatchRecord] {
        try await batches(where: "b.workflow_version_id is not null", limit: limit)
    }

    /// The state of a batch alone: what is asked again and again while it is at work.
    package func batchStatus(_ id: BatchID) async throws -> BatchStatus {
        let rows = try await client.query("select status from runner.batches where id = \(id)")
        guard let row = rows.first else { throw StoreError.notFound(kind: "batch", text: id.description) }
        return try row.decode("status")
    }

    /// The items in order.
    package func batchItems(_ id: BatchID) async throws -> [BatchItemRecord] {
        let rows = try await client.query(
            """
            select i.sequence, i.status, i.original_state ->> 'prompt' as text, i.refined_state ->> 'prompt' as refined,
                i.changes_applied <> '[]' as accepted, i.error, i.finished_at, t.number, t.status as task_status,
                coalesce(t.title, i.changes_applied -> -1 ->> 'title', i.original_state ->> 'title') as title,
                t.started_at
            from runner.batch_tasks i left join runner.tasks t on t.id = i.task_id
            where i.batch_id = \(id) order by i.sequence
            """)
        return try rows.map { row in
            BatchItemRecord(
                item: try row.decode("sequence"), status: try row.decode("status"), title: try row.decode("title"),
                text: try row.decode("text"), refined: try row.decodeIfPresent("refined"),
                isAccepted: try row.decode("accepted"), task: try row.decodeIfPresent("number"),
                taskStatus: try row.decodeIfPresent("task_status"), error: try row.decodeIfPresent("error"),
                startedAt: try row.decodeIfPresent("started_at"), finishedAt: try row.decodeIfPresent("finished_at"))
        }
    }

    /// Runs of a batch that are queued, or due; not more of them than it has at work at once.
    package func dueRuns(of batch: BatchID) async throws -> [BatchRun] {
        let rows = try await client.query(
            """
            select r.id, t.id as task_id, t.number, i.sequence, t.title from runner.batch_tasks i
            join runner.tasks t on t.id = i.task_id
            join runner.runs r on r.task_id = t.id
            where i.batch_id = \(batch) and i.status = 'processing'
              and (r.status = 'queued' or (r.status = 'waiting' and r.due_at <= now()))
            order by i.sequence
            """)
        return try rows.map { row in
            BatchRun(
                run: try row.decode("id"), taskID: try row.decode("task_id"), task: try row.decode("number"),
                item: try row.decode("sequence"), title: try row.decode("title"))
        }
    }

    /// Ends a batch: what has not begun never will. Returns the open runs, which their owners still have to end.
    ///
    /// Nil when it had ended before.
    package func cancelBatch(_ id: BatchID) async throws -> [RunID]? {
        try await client.withTransaction(retrying: 5) { connection in
            let found = try connection.query(
                """
                update runner.batches b set status = 'cancelled', session_id = null, error = 'cancelled',
                    finished_at = greatest(now(), b.started_at)
                where b.id = \(id) and b.status in ('pending', 'processing') returning b.id
                """)
            guard !found.isEmpty else { return nil }
            let parked = try connection.query(
                """
                update runner.batch_tasks i set status = 'cancelled', finished_at = now(), error = 'cancelled'
                where i.batch_id = \(id) and i.status = 'pending' returning i.task_id
                """)
            for task in try parked.compactMap({ try $0.decodeIfPresent("task_id", as: TaskID.self) }) {
                _ = try connection.query("select runner.end_parked_run(\(task), 'cancelled')::text as done")
            }
            return try connection.query(
                """
                select r.id from runner.batch_tasks i join runner.runs r on r.task_id = i.task_id
                where i.batch_id = \(id) and i.status = 'processing' and r.status in ('queued', 'running', 'waiting')
                """
            ).map { row in try row.decode("id") }
        }
    }

    /// Makes the items of a batch that never had a task wait for their turn again; returns the tasks of the others that
    /// did not complete, in order, whose runs have to be taken up again.
    package func reopenBatchItems(_ id: BatchID) async throws -> [TaskID] {
        try await client.withTransaction(retrying: 5) { connection in
            _ = try connection.query("select id from runner.batches where id = \(id) for no key update")
            try connection.execute(
                """
                with again as (
                    update runner.batch_tasks i set status = 'pending', finished_at = null, error = null
                    from (select id, status from runner.batch_tasks
                          where batch_id = \(id) and task_id is null
                            and status in ('failed', 'cancelled', 'skipped')) o
                    where i.id = o.id
                    returning o.status
                )
                update runner.batches b
                set failed_tasks = b.failed_tasks - (select count(*) from again where status = 'failed')
                where b.id = \(id)
                """)
            return try connection.query(
                """
                select i.task_id from runner.batch_tasks i where i.batch_id = \(id) and i.task_id is not null
                  and i.status in ('failed', 'cancelled', 'skipped') order by i.sequence
                """
            ).map { row in try row.decode("task_id") }
        }
    }

    private func batches(where condition: SQL, limit: Int) async throws -> [BatchRecord] {
        let rows = try await client.query(
            """
            with b as (select * from runner.batches b where \(condition) order by b.number desc limit \(limit))
            select b.id, b.number, b.prompt, b.repository_id, coalesce(p.name, '') as repository_name,
                coalesce(w.name, '') as workflow_name, b.status, b.width, b.stop_on_failure, b.error, b.created_at,
                b.started_at, b.finished_at, c.counts
            from b left join runner.repositories p on p.id = b.repository_id
            left join runner.workflow_versions v on v.id = b.workflow_version_id
            left join runner.workflows w on w.id = v.workflow_id
            cross join lateral (
                select coalesce(jsonb_object_agg(n.status, n.count), '{}') as counts from (
                    select i.status, count(*) as count from runner.batch_tasks i where i.batch_id = b.id
                    group by i.status) n
            ) c
            order by b.number desc
            """)
        return try rows.map { row in
            let counts: JSONValue = try row.decode("counts")
            var numbers: [BatchItemStatus: Int] = [:]
            for (name, count) in counts.objectValue ?? [:] {
                if let status = BatchItemStatus(rawValue: name) { numbers[status] = count.intValue }
            }
            return BatchRecord(
                id: try row.decode("id"), number: try row.decode("number"), title: try row.decode("prompt"),
                repositoryID: try row.decodeIfPresent("repository_id"),
                repositoryName: try row.decode("repository_name"), workflowName: try row.decode("workflow_name"),
                status: try row.decode("status"), width: try row.decode("width"),
                stopOnFailure: try row.decode("stop_on_failure"), error: try row.decodeIfPresent("error"),
                counts: numbers, createdAt: try row.decode("created_at"),
                startedAt: try row.decodeIfPresent("started_at"), finishedAt: try row.decodeIfPresent("finished_at"))
        }
    }
}

extension NewBatch.Item {
    /// As `batch_tasks.original_state` holds it.
    var document: JSONValue {
        var members: [String: JSONValue] = [
            "title": .string(title), "titled": .bool(isTitled), "prompt": .string(prompt),
            "labels": .array(labels.map(JSONValue.string)), "priority": .integer(priority), "inputs": .object(inputs),
        ]
        members["item"] = refines.map(JSONValue.integer)
        return .object(members)
    }
}
