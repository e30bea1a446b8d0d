import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct TaskTests {
        @Test("A new task has its run, its steps, an event, and what it was given, letter by letter")
        func create() async throws {
            try await Database.with { database in
                let hostile = "a'; drop table runner.tasks; -- $1 \\ \"x\" %s \u{1F600}\n{}"
                var new = try await database.newTask(try await database.repository().id, title: hostile)
                new.prompt = hostile + "\0"
                new.labels = [hostile, "", "a,b", "NULL", "{}"]
                new.context = .object([hostile: .string(hostile + "\0"), "n": .number(.nan), "i": .integer(1 << 60)])
                new.agent = "claude"
                let created = try await database.store.createTask(new)
                #expect(created.task.title == hostile)
                #expect(created.task.prompt == hostile + "\u{FFFD}")
                #expect(created.task.labels == new.labels)
                #expect(created.task.status == .queued && created.run.status == .queued)
                #expect(created.run.fence == 0 && created.run.number == 1)
                #expect(
                    created.run.context
                        == .object([hostile: .string(hostile + "\u{FFFD}"), "n": .null, "i": .integer(1 << 60)]))
                #expect(try await database.store.steps(of: created.run.id) == created.steps)
                #expect(created.steps.map(\.key) == ["one", "two"])
                #expect(try await database.store.run(created.run.id) == created.run)
                #expect(try await database.store.latestRun(of: created.task.id) == created.run)
                #expect(try await database.store.task(matching: created.task.id.description) == created.task)
                #expect(try await database.store.events(of: created.task.id).map(\.kind) == ["task.created"])
                let detail = try await database.store.taskDetail(created.task.id)
                #expect(detail.runs == [created.run] && detail.environment == nil)
            }
        }

        @Test("A task that cannot be made leaves nothing behind")
        func atomic() async throws {
            try await Database.with { database in
                var new = try await database.newTask(try await database.repository().id, steps: ["same", "same"])
                await #expect(throws: PostgresError.self) { try await database.store.createTask(new) }
                new.steps = []
                new.title = ""
                await #expect(throws: PostgresError.self) { try await database.store.createTask(new) }
                for table in ["tasks", "runs", "steps", "events"] { #expect(try await database.count(table) == 0) }
            }
        }

        @Test("Twenty tasks at once get twenty numbers")
        func concurrent() async throws {
            try await Database.with { database in
                let new = try await database.newTask(try await database.repository().id)
                let numbers = try await database.concurrently(20) { store, _ in
                    var another = new
                    another.runID = RunID()
                    return try await store.createTask(another).task.number
                }
                #expect(Set(numbers).count == 20)
                #expect(try await database.store.tasks(TaskFilter()).count == 20)
            }
        }

        @Test("The same workflow text is one version, frozen by many at once; another text is the next")
        func freeze() async throws {
            try await Database.with { database in
                let versions = try await database.concurrently(8) { store, index in
                    try await store.freezeWorkflow(
                        name: "w", source: "text \(index % 2)", definition: .object([:]), author: "a")
                }
                #expect(Set(versions.map(\.version)) == [1, 2])
                #expect(Set(versions.map(\.0)).count == 2)
                #expect(try await database.count("workflow_versions") == 2)
            }
        }

        @Test("A task is found by number and by the beginning of its id, and nothing else finds it")
        func matching() async throws {
            try await Database.with { database in
                let task = try await database.task().task
                let id = task.id.description
                for text in ["\(task.number)", "#\(task.number)", id, id.uppercased(), String(id.prefix(13))] {
                    #expect(try await database.store.task(matching: text) == task, "\(text)")
                }
                for text in ["0", "99999999999999999999", "ffffffff"] {
                    await #expect(throws: StoreError.notFound(kind: "task", text: text)) {
                        try await database.store.task(matching: text)
                    }
                }
                for text in ["-1", "#", "", "#\(id)", "1 or 1=1", "zz", "+1", "١", "\0"] {
                    await #expect(throws: StoreError.noReference(kind: "task", text: text)) {
                        try await database.store.task(matching: text)
                    }
                }
            }
        }

        @Test("The beginning of two ids is ambiguous and names both tasks; a number wins over it")
        func ambiguous() async throws {
            try await Database.with { database in
                let tasks = [try await database.task().task, try await database.task().task]
                for (task, digit) in zip(tasks, ["a", "b"]) {
                    // Nothing refers to these yet but what is deleted first.
                    try await database.client.execute("delete from runner.events where task_id = \(task.id)")
                    try await database.client.execute("delete from runner.runs where task_id = \(task.id)")
                    let id = "00001111-0000-4000-8000-00000000000" + digit
                    try await database.client.execute("update runner.tasks set id = \(id)::uuid where id = \(task.id)")
                }
                let error = await #expect(throws: StoreError.self) {
                    try await database.store.task(matching: "0000-1111")
                }
                #expect(error == .noReference(kind: "task", text: "0000-1111"))
                let ambiguity = await #expect(throws: StoreError.self) {
                    try await database.store.task(matching: "00001111-")
                }
                guard case .ambiguous("task", "00001111-", let choices) = ambiguity else {
                    Issue.record("\(String(describing: ambiguity))")
                    return
                }
                #expect(choices.count == 2 && choices[0].hasPrefix("#\(tasks[1].number) "))
                try await database.client.execute("alter table runner.tasks alter number set generated by default")
                try await database.client.execute(
                    "update runner.tasks set number = 1111 where number = \(tasks[0].number)")
                try await database.client.execute(
                    "update runner.tasks set id = '11110000-0000-4000-8000-000000000000' where number <> 1111")
                #expect(try await database.store.task(matching: "1111").number == 1111)
            }
        }

        @Test("The list shows the newest first, filters, pages, and sums what attempts cost")
        func list() async throws {
            try await Database.with { database in
                let old = try await database.task().task
                let (created, run) = try await database.claimed()
                _ = try await database.environment(run)
                var attempt = try await database.store.beginAttempt(
                    BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id))
                attempt.status = .succeeded
                attempt.usage = TokenUsage(input: 1, output: 2, cacheRead: 3, cacheWrite: 4)
                attempt.costUSD = 0.25
                let second = try await database.store.finishAttempt(
                    FinishAttempt(
                        runID: run.id, fence: run.fence, attempt: attempt,
                        stepChanges: [(created.steps[0].id, .succeeded)],
                        next: BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[1].id)))
                #expect(second?.number == 1)
                let all = try await database.store.tasks(TaskFilter())
                #expect(all.map(\.task.number) == [created.task.number, old.number])
                let summary = all[0]
                #expect(summary.repositoryName == "sample" && summary.branch == "runner/1" && !summary.kept)
                #expect(summary.currentStep == "two" && summary.stepsDone == 1 && summary.stepsTotal == 2)
                #expect(summary.totalCostUSD == 0.25)
                #expect(summary.totalUsage == TokenUsage(input: 1, output: 2, cacheRead: 3, cacheWrite: 4))
                #expect(all[1].totalCostUSD == nil && all[1].environmentStatus == nil && all[1].stepsDone == 0)

                func numbers(_ filter: TaskFilter) async throws -> [Int] {
                    try await database.store.tasks(filter).map(\.task.number)
                }
                #expect(try await numbers(TaskFilter(statuses: [.queued, .failed])) == [old.number])
                #expect(try await numbers(TaskFilter(stage: "build")).count == 2)
                #expect(try await numbers(TaskFilter(stage: "none")) == [])
                #expect(try await numbers(TaskFilter(repositoryID: RepositoryID())) == [])
                #expect(try await numbers(TaskFilter(limit: 1)) == [created.task.number])
            }
        }
    }
}
