import Postgres
import RunnerCore

extension RunRecord {
    /// The columns of a run whose row is `r` in `source`, and the joins that they need.
    static func selection(from source: SQL) -> (columns: SQL, joins: SQL) {
        (
            """
            r.id as r_id, r.task_id as r_task_id, r.number as r_number, w.name as r_workflow_name,
            v.version as r_workflow_version, v.source as r_workflow_source, r.environment_id as r_environment_id,
            r.status as r_status, r.context as r_context, r.owner_session_id as r_owner_session_id,
            r.fence as r_fence, r.takeovers as r_takeovers, r.host as r_host, r.due_at as r_due_at, r.parked as r_parked,
            r.cancel_requested_at as r_cancel_requested_at, r.error as r_error,
            r.created_at as r_created_at, r.started_at as r_started_at, r.finished_at as r_finished_at
            """,
            """
            \(source) r
            join runner.workflow_versions v on v.id = r.workflow_version_id
            join runner.workflows w on w.id = v.workflow_id
            """
        )
    }

    /// `select` of whole runs, from a table or a named part of the statement; a condition can follow.
    static func select(from source: SQL) -> SQL {
        let selection = selection(from: source)
        return "select \(selection.columns) from \(selection.joins)"
    }

    init(_ row: PostgresRow) throws {
        let column = AliasedRow(row: row, alias: "r")
        let status: RunStatus = try column("status")
        self.init(
            id: try column("id"), taskID: try column("task_id"), number: try column("number"),
            workflowName: try column("workflow_name"), workflowVersion: try column("workflow_version"),
            workflowSource: try column("workflow_source"), environmentID: try column.optional("environment_id"),
            status: status, context: try column("context"),
            ownerSessionID: try column.optional("owner_session_id"), fence: try column("fence"),
            takeovers: try column("takeovers"), host: try column.optional("host"), dueAt: try column.optional("due_at"),
            // What it waited for is kept until it waits again.
            hold: status == .waiting ? RunHold(document: try column.optional("parked")) : nil,
            cancelRequestedAt: try column.optional("cancel_requested_at"), error: try column.optional("error"),
            createdAt: try column("created_at"), startedAt: try column.optional("started_at"),
            finishedAt: try column.optional("finished_at"))
    }
}

extension RunHold {
    var document: JSONValue? {
        try? JSONValue(encoding: self)
    }

    /// As a parked run's row keeps it.
    init?(document: JSONValue?) {
        guard let hold = try? document?.decoded(as: RunHold.self) else { return nil }
        self = hold
    }
}
