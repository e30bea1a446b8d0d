import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct WaitTests {
        /// A task that waits for others, by number or in full.
        private func waiting(
            _ database: Database, for tasks: [CreatedTask], rule: WaitRule = .completed, owner: SessionID? = nil
        ) async throws -> CreatedTask {
            var new = try await database.newTask(tasks[0].task.repositoryID)
            new.after = tasks.map(\.task.id)
            new.afterRule = rule
            new.owner = owner
            return try await database.store.createTask(new)
        }

        private func end(_ database: Database, _ created: CreatedTask, _ status: RunStatus) async throws {
            let session = try await database.session().id
            let run = try #require(try await database.store.claimRun(created.run.id, for: session))
            try await database.store.finishRun(run.id, fence: run.fence, status: status)
        }

        private func status(_ database: Database, _ created: CreatedTask) async throws -> String {
            let task = try await database.store.task(matching: created.task.id.description)
            let run = try await database.store.run(created.run.id)
            return task.status == run.status ? task.status.rawValue : "\(task.status) with run \(run.status)"
        }

        @Test("A task waits without an owner until the last of its tasks has completed, and is queued by that very end")
        func release() async throws {
            try await Database.with { database in
                let first = try await database.task()
                let second = try await database.task()
                let later = try await waiting(database, for: [first, second])
                #expect(try await status(database, later) == "waiting" && later.run.ownerSessionID == nil)
                #expect(try await database.store.awaitedTasks(of: later.task.id) == [1, 2])
                #expect(try await database.store.tasks(TaskFilter())[0].waitsFor == [1, 2])
                let session = try await database.session().id
                #expect(try await database.store.claimRun(later.run.id, for: session) == nil)
                #expect(try await database.store.requeueDueRuns() == 0)
                try await end(database, first, .completed)
                #expect(try await status(database, later) == "waiting")
                #expect(try await database.store.awaitedTasks(of: later.task.id) == [2])
                try await end(database, second, .completed)
                #expect(try await status(database, later) == "queued")
                #expect(try await database.store.awaitedTasks(of: later.task.id) == [])
                #expect(try await database.store.claimNextRun(for: session)?.id == later.run.id)
            }
        }

        @Test("A task whose tasks have ended before it was made is decided on at once", arguments: RunStatus.allCases)
        func late(status end: RunStatus) async throws {
            guard end.isTerminal else { return }
            try await Database.with { database in
                let first = try await database.task()
                try await self.end(database, first, end)
                let later = try await waiting(database, for: [first])
                #expect(later.run.status == (end == .completed ? .queued : .cancelled))
                #expect(try await waiting(database, for: [first], rule: .ended).run.status == .queued)
                await #expect(throws: StoreError.self) {
                    var new = try await database.newTask(first.task.repositoryID)
                    new.after = [TaskID()]
                    _ = try await database.store.createTask(new)
                }
                #expect(try await database.count("tasks") == 3)
            }
        }

        @Test("A failure cancels what waits for it, and what waits for that; any end is enough for others")
        func failure() async throws {
            try await Database.with { database in
                let first = try await database.task()
                let second = try await waiting(database, for: [first])
                let third = try await waiting(database, for: [second, first])
                let any = try await waiting(database, for: [third], rule: .ended)
                let open = try await database.task()
                let both = try await waiting(database, for: [first, open])
                try await end(database, first, .failed)
                #expect(try await status(database, second) == "cancelled")
                #expect(try await status(database, third) == "cancelled")
                #expect(try await status(database, any) == "queued")
                #expect(try await status(database, both) == "cancelled")
                let error = try await database.store.task(matching: "\(second.task.number)").error
                #expect(error == "not run, because task 1 failed")
                #expect(try await database.store.steps(of: second.run.id).allSatisfy { $0.status == .cancelled })
                #expect(try await database.store.events(of: second.task.id).last?.kind == "run.cancelled")
                // A cancel from outside does the same.
                let next = try await waiting(database, for: [open])
                #expect(try await database.store.requestCancel(of: open.run.id))
                #expect(try await database.store.run(next.run.id).error == "not run, because task 5 was cancelled")
            }
        }

        @Test("Controls: without the trigger, or without a look at the making, a task waits for ever")
        func controls() async throws {
            try await Database.with { database in
                let first = try await database.task()
                let second = try await database.task()
                let later = try await waiting(database, for: [first])
                try await database.client.execute("alter table runner.tasks disable trigger tasks_settle_waits")
                try await end(database, first, .completed)
                #expect(try await status(database, later) == "waiting")
                try await database.client.execute("alter table runner.tasks enable trigger tasks_settle_waits")
                try await database.client.execute(
                    """
                    create or replace function runner.settle_run(waiting uuid) returns boolean language plpgsql as
                    'begin return false; end'
                    """)
                try await end(database, second, .completed)
                #expect(try await waiting(database, for: [second]).run.status == .waiting)
            }
        }

        @Test("A chain of 300 tasks falls with its first")
        func longChain() async throws {
            try await Database.with { database in
                var chain = [try await database.task(steps: ["one"])]
                for _ in 0..<300 { chain.append(try await waiting(database, for: [chain[chain.count - 1]])) }
                try await end(database, chain[0], .failed)
                let open: Int = try await database.value(
                    "select count(*) from runner.tasks where status not in ('failed', 'cancelled')")
                #expect(open == 0)
            }
        }

        @Test("However the making of waiting tasks and the ends of their tasks meet, none is left waiting")
        func races() async throws {
            try await Database.with { database in
                for _ in 0..<5 {
                    let tasks = [try await database.task(), try await database.task()]
                    let session = try await database.session().id
                    var runs: [RunRecord] = []
                    for task in tasks {
                        runs.append(try #require(try await database.store.claimRun(task.run.id, for: session)))
                    }
                    let ready = runs
                    var new = try await database.newTask(tasks[0].task.repositoryID)
                    new.after = tasks.map(\.task.id)
                    let template = new
                    let made = try await database.concurrently(8) { store, index -> CreatedTask? in
                        if index < 2 {
                            let run = ready[index]
                            try await store.finishRun(run.id, fence: run.fence, status: .completed)
                            return nil
                        }
                        var new = template
                        new.runID = RunID()
                        return try await store.createTask(new)
                    }
                    for created in made.compactMap(\.self) {
                        #expect(try await status(database, created) == "queued")
                    }
                }
            }
        }

        @Test("A session that holds its waiting task gets it when it is due; when it has died the queue does")
        func held() async throws {
            try await Database.with { database in
                let first = try await database.task()
                let session = try await database.session().id
                let other = try await database.session().id
                let mine = try await waiting(database, for: [first], owner: session)
                let orphan = try await waiting(database, for: [first], owner: try await database.session().id)
                #expect(mine.run.status == .waiting && mine.run.ownerSessionID == nil && mine.run.fence == 0)
                try await database.client.execute(
                    """
                    update runner.sessions set lease_until = now() - interval '1 s' where id = (
                        select waiter_session_id from runner.runs where id = \(orphan.run.id))
                    """)
                try await end(database, first, .completed)
                #expect(try await database.store.claimRun(mine.run.id, for: other) == nil)
                #expect(try await database.store.requeueDueRuns() == 1)
                #expect(try await status(database, orphan) == "queued")
                #expect(try await database.store.claimRun(mine.run.id, for: session)?.fence == 1)
            }
        }

        @Test("A running run that waits for other tasks gives its slot back and goes on after any end of theirs")
        func park() async throws {
            try await Database.with { database in
                let (_, parent) = try await database.claimed()
                let children = [try await database.task(), try await database.task()]
                try await database.store.parkRun(
                    parent.id, fence: parent.fence, until: children.map(\.task.id), rule: .ended)
                #expect(try await database.store.run(parent.id).status == .waiting)
                try await end(database, children[0], .failed)
                #expect(try await database.store.run(parent.id).status == .waiting)
                try await end(database, children[1], .completed)
                #expect(try await database.store.run(parent.id).status == .queued)
                // Ended tasks keep nobody, and a replaced owner parks nothing.
                let again = try #require(
                    try await database.store.claimRun(parent.id, for: try await database.session().id))
                try await database.store.parkRun(
                    again.id, fence: again.fence, until: children.map(\.task.id), rule: .ended)
                #expect(try await database.store.run(parent.id).status == .queued)
                await #expect(throws: StoreError.fenced(parent.id)) {
                    try await database.store.parkRun(
                        parent.id, fence: parent.fence, until: children.map(\.task.id), rule: .ended)
                }
            }
        }

        @Test("What a cancelled task waited for does not touch it any more when it was retried and waits for a delay")
        func settled() async throws {
            try await Database.with { database in
                let first = try await database.task()
                let later = try await waiting(database, for: [first])
                #expect(try await database.store.requestCancel(of: later.run.id))
                let session = try await database.session().id
                let run = try await database.store.reopenRun(later.run.id, resetting: [], owner: session)
                try await database.store.parkRun(run.id, fence: run.fence, RunWait(delay: .seconds(3600)))
                try await end(database, first, .failed)
                #expect(try await status(database, later) == "waiting")
            }
        }

        @Test("The higher priority is claimed first, whatever the age")
        func priority() async throws {
            try await Database.with { database in
                let repository = try await database.repository().id
                for priority in [0, -5, 7, 7] {
                    var new = try await database.newTask(repository)
                    new.priority = priority
                    new.stage = "backlog"
                    #expect(try await database.store.createTask(new).task.stage == "backlog")
                }
                let session = try await database.session().id
                var order: [Int] = []
                while let run = try await database.store.claimNextRun(for: session) {
                    order.append(try await database.store.taskDetail(run.taskID).task.number)
                }
                #expect(order == [3, 4, 1, 2])
                #expect(try await database.store.tasks(TaskFilter()).map(\.priority) == [7, 7, -5, 0])
            }
        }
    }
}
