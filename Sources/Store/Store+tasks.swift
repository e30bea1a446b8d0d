import Postgres
package import RunnerCore

extension Store {
    /// Makes a task, its first run and that run's steps at once, and wakes whoever waits for queued runs.
    ///
    /// With an owner the run is running from the first moment, so that no crash can come between making and claiming.
    /// The task's number is new for ever; numbers may have gaps. One that comes after others waits for them, for its
    /// owner where it has one, and may have been cancelled on the spot; that takes a transaction of four statements.
    package func createTask(_ new: NewTask) async throws -> CreatedTask {
        guard new.after.isEmpty else { return try await createWaitingTask(new) }
        let (statement, steps) = Self.creation(of: new)
        return try Self.created(try await client.query(statement), new, steps)
    }

    private func createWaitingTask(_ new: NewTask) async throws -> CreatedTask {
        try await client.withTransaction(retrying: 5) { connection in
            try Self.lockAwaited(new.after, on: connection)
            let (statement, steps) = Self.creation(of: new)
            _ = try Self.created(try connection.query(statement), new, steps)
            try Self.await(new.after, new.afterRule, run: new.runID, on: connection)
            let run = RunRecord.selection(from: "runner.runs")
            let rows = try connection.query(
                """
                select \(columns(TaskRecord.columnNames, of: "t")), \(run.columns)
                from \(run.joins) join runner.tasks t on t.id = r.task_id where r.id = \(new.runID)
                """)
            return try Self.created(rows, new, steps)
        }
    }

    private static func created(_ rows: [PostgresRow], _ new: NewTask, _ steps: [StepRecord]) throws -> CreatedTask {
        guard let row = rows.first else {
            throw StoreError.notFound(kind: "workflow version", text: new.workflowVersionID.description)
        }
        return CreatedTask(task: try TaskRecord(row, "t"), run: try RunRecord(row), steps: steps)
    }

    /// With a `number` of its own for a task that will be taken back: the next one is drawn for good.
    static func creation(of new: NewTask, number: Int? = nil) -> (SQL, [StepRecord]) {
        let runID = new.runID
        let steps = new.steps.enumerated().map { position, step in
            StepRecord(
                runID: runID, position: step.position ?? position, key: step.key, kind: step.kind, stage: step.stage,
                status: step.status
            )
        }
        let run = RunRecord.selection(
            from: """
                runner.create_task(owner => \(new.owner), repository => \(new.repositoryID),
                    title => \(new.title.storable), prompt => \(new.prompt.storable),
                    labels => \(new.labels.map(\.storable)), priority => \(new.priority), source => \(new.source),
                    stage => \((new.stage ?? steps.first?.stage)?.storable), agent => \(new.agent),
                    waits => \(!new.after.isEmpty), run_id => \(runID), workflow_version => \(new.workflowVersionID),
                    context => \(new.context)::jsonb, host => \(new.host), steps => \(Self.document(steps))::jsonb,
                    chosen_number => \(number)::integer) c
                cross join lateral (select (c.task).*) t cross join lateral (select (c.run).*)
                """)
        let statement: SQL = "select \(columns(TaskRecord.columnNames, of: "t")), \(run.columns) from \(run.joins)"
        return (statement, steps)
    }

    /// What `createTask` made with this id; nil when it made nothing. Three round trips.
    package func createdTask(_ run: RunID) async throws -> CreatedTask? {
        let rows = try await client.query("\(RunRecord.select(from: "runner.runs")) where r.id = \(run)")
        guard let row = rows.first else { return nil }
        let record = try RunRecord(row)
        return CreatedTask(
            task: try await task(matching: record.taskID.description), run: record, steps: try await steps(of: run))
    }

    /// The task with a number (`12` or `#12`) or with the beginning of an id, four digits or more.
    ///
    /// Throws `StoreError.noReference` for what is neither.
    package func task(matching text: String) async throws -> TaskRecord {
        let typed = TypedNumber(text)
        let number = typed.value
        let prefix = typed.hasMark ? nil : IDPrefix(typed.word)
        guard number != nil || prefix != nil else {
            throw typed.isNumber
                ? StoreError.notFound(kind: "task", text: text) : StoreError.noReference(kind: "task", text: text)
        }
        let byID: SQL = prefix.map { $0.matches("t.id") } ?? "false"
        let rows = try await client.query(
            """
            select \(columns(TaskRecord.columnNames, of: "t")) from runner.tasks t
            where t.number = \(number) or \(byID)
            order by t.number = \(number) desc nulls last, t.number desc limit 11
            """)
        let tasks = try rows.map { row in try TaskRecord(row, "t") }
        if let number, let task = tasks.first, task.number == number { return task }
        guard let task = tasks.first else { throw StoreError.notFound(kind: "task", text: text) }
        guard tasks.count == 1 else {
            throw StoreError.ambiguous(
                kind: "task", text: text, choices: tasks.prefix(10).map { "#\($0.number) (\($0.id))" })
        }
        return task
    }

    /// A task with its repository, its newest environment and its runs; two round trips.
    package func taskDetail(_ id: TaskID) async throws -> TaskDetail {
        let rows = try await client.query(
            """
            select \(columns(TaskRecord.columnNames, of: "t")), \(columns(Repository.columnNames, of: "p")),
                \(columns(EnvironmentRecord.columnNames, of: "e"))
            from runner.tasks t
            join runner.repositories p on p.id = t.repository_id
            left join lateral (select * from runner.environments where task_id = t.id
                               order by created_at desc, id limit 1) e on true
            where t.id = \(id)
            """)
        guard let row = rows.first else { throw StoreError.notFound(kind: "task", text: id.description) }
        let runs = try await client.query(
            "\(RunRecord.select(from: "runner.runs")) where r.task_id = \(id) order by r.number")
        let environment: EnvironmentID? = try row.decodeIfPresent("e_id")
        return TaskDetail(
            task: try TaskRecord(row, "t"), repository: try Repository(row, "p"),
            environment: environment == nil ? nil : try EnvironmentRecord(row, "e"),
            runs: try runs.map { row in try RunRecord(row) })
    }

    static func document(_ steps: [StepRecord]) -> JSONValue {
        .array(
            steps.map { step in
                .object([
                    "id": .string(step.id.description), "position": .integer(step.position),
                    "key": .string(step.key), "kind": .string(step.kind),
                    "stage": step.stage.map(JSONValue.string) ?? .null, "status": .string(step.status.rawValue),
                    "parent_id": step.parentID.map { JSONValue.string($0.description) } ?? .null,
                ])
            })
    }
}
