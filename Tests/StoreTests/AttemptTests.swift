import Foundation
import Postgres
import RunnerCore
import Store
import Testing

extension StoreSuite {
    struct AttemptTests {
        private func begin(_ run: RunRecord, _ step: StepRecord, fence: Int? = nil) -> BeginAttempt {
            BeginAttempt(runID: run.id, fence: fence ?? run.fence, stepID: step.id, agent: "command")
        }

        @Test("An attempt comes back as it was finished, with its tools in order")
        func roundTrip() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                var attempt = try await database.store.beginAttempt(
                    BeginAttempt(
                        runID: run.id, fence: run.fence, stepID: created.steps[0].id, agent: "claude",
                        input: .object(["prompt": .string("p")]), commitBefore: Database.commit))
                #expect(attempt.status == .running && attempt.number == 1)
                attempt.status = .failed
                attempt.exitCode = 3
                attempt.agentSessionID = "session-1"
                attempt.output = .object(["x": .array([.null, .bool(true), .number(1.5), .string("\0")])])
                attempt.commitAfter = String(repeating: "b", count: 40)
                (attempt.filesChanged, attempt.insertions, attempt.deletions) = (1, 2, 3)
                attempt.model = "m"
                attempt.usage = TokenUsage(input: 1, output: 2, cacheRead: 3, cacheWrite: 4)
                attempt.costUSD = 0.123456789
                attempt.outputBytes = 1 << 40
                attempt.durationMilliseconds = 1234
                attempt.error = "it's broken\0"
                let start = Date(timeIntervalSince1970: 2_000_000_000)
                let tools = [
                    ToolExecution(
                        callID: "1", name: "Bash", arguments: JSONDocument(.object(["command": .string("'\0\"")])),
                        output: "o\0",
                        status: .succeeded, startedAt: start, completedAt: start.addingTimeInterval(1)),
                    ToolExecution(
                        callID: "2", name: "", arguments: JSONDocument(.null), status: .running, startedAt: .distantPast
                    ),
                    ToolExecution(
                        callID: "3", name: "Edit", arguments: JSONDocument(.array([])), status: .running,
                        startedAt: start),
                    ToolExecution(
                        callID: "3", name: "Edit", arguments: JSONDocument(text: #"{"b" : [1.50, null],"a":"\/\n"}"#),
                        status: .denied, startedAt: start,
                        completedAt: start.addingTimeInterval(-5)),
                ]
                let next = try await database.store.finishAttempt(
                    FinishAttempt(
                        runID: run.id, fence: run.fence, attempt: attempt, tools: tools,
                        stepChanges: [(created.steps[0].id, .failed)]))
                #expect(next == nil)

                let saved = try #require(try await database.store.attempts(of: run.id).first)
                var expected = attempt
                expected.output = .object(["x": .array([.null, .bool(true), .number(1.5), .string("\u{FFFD}")])])
                expected.error = "it's broken\u{FFFD}"
                expected.finishedAt = saved.finishedAt
                #expect(saved == expected)
                #expect(saved.finishedAt != nil)

                let executions = try await database.store.toolExecutions(of: attempt.id)
                #expect(executions.map(\.callID) == ["1", "2", "3"])
                #expect(executions.map(\.status) == [.succeeded, .unknown, .denied])
                #expect(executions[0].output == "o\u{FFFD}" && executions[0].startedAt == start)
                #expect(executions[0].arguments == JSONDocument(.object(["command": .string("'\u{FFFD}\"")])))
                #expect(
                    executions[2].arguments.value
                        == .object(["a": .string("/\n"), "b": .array([.number(1.5), .null])]))
                #expect(executions[1].name == "unknown" && executions[1].startedAt == saved.startedAt)
                // An agent's clock that ran backwards must not cost the whole record.
                #expect(executions[2].completedAt == start)
                let kinds = try await database.store.events(of: run.taskID).map(\.kind)
                #expect(kinds == ["task.created", "run.started", "step.started", "step.finished"])
                #expect(try await database.store.steps(of: run.id)[0].status == .failed)
            }
        }

        @Test("A writer with an older fence records nothing; the same write with the right fence does")
        func fenced() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                var attempt = try await database.store.beginAttempt(begin(run, created.steps[0]))
                attempt.status = .succeeded
                func finish(_ fence: Int) -> FinishAttempt {
                    FinishAttempt(
                        runID: run.id, fence: fence, attempt: attempt,
                        tools: [
                            ToolExecution(callID: "1", name: "Bash", arguments: JSONDocument(.null), startedAt: .now)
                        ],
                        stepChanges: [(created.steps[0].id, .succeeded)],
                        next: begin(run, created.steps[1], fence: fence))
                }
                let store = database.store
                let error = StoreError.fenced(run.id)
                let old = run.fence - 1
                let changes = [(created.steps[1].id, StepStatus.skipped)]
                await #expect(throws: error) { try await store.finishAttempt(finish(old)) }
                await #expect(throws: error) { try await store.beginAttempt(begin(run, created.steps[1], fence: old)) }
                await #expect(throws: error) { try await store.setStepStatuses(run.id, fence: old, changes) }
                await #expect(throws: error) { try await store.finishRun(run.id, fence: old, status: .failed) }
                await #expect(throws: error) {
                    try await store.interruptAttempts(run.id, fence: old, reason: "r")
                }
                #expect(try await !store.interruptRun(run.id, expectedFence: old, reason: "r"))
                #expect(try await store.attempts(of: run.id).map(\.status) == [.running])
                #expect(try await store.steps(of: run.id).map(\.status) == [.running, .pending])
                #expect(try await database.count("tool_executions") == 0)

                #expect(try await store.finishAttempt(finish(run.fence))?.stepID == created.steps[1].id)
                #expect(try await store.attempts(of: run.id).map(\.status) == [.succeeded, .running])
                #expect(try await database.count("tool_executions") == 1)
            }
        }

        @Test("An attempt ends once; a second end records nothing")
        func endsOnce() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                var attempt = try await database.store.beginAttempt(begin(run, created.steps[0]))
                attempt.status = .succeeded
                let finish = FinishAttempt(
                    runID: run.id, fence: run.fence, attempt: attempt,
                    stepChanges: [(created.steps[0].id, .succeeded)], next: begin(run, created.steps[1]))
                try await database.store.finishAttempt(finish)
                await #expect(throws: StoreError.attemptEnded(attempt.id)) {
                    try await database.store.finishAttempt(finish)
                }
                #expect(try await database.store.attempts(of: run.id).count == 2)
                #expect(try await database.store.events(of: run.taskID).count == 5)
            }
        }

        @Test("The holder of one run ends no attempt of another, and changes nothing by trying")
        func otherRun() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                var attempt = try await database.store.beginAttempt(begin(run, created.steps[0]))
                let (_, other) = try await database.claimed()
                attempt.status = .succeeded
                let finish = FinishAttempt(runID: other.id, fence: other.fence, attempt: attempt)
                await #expect(throws: StoreError.attemptEnded(attempt.id)) {
                    try await database.store.finishAttempt(finish)
                }
                #expect(try await database.store.attempts(of: run.id).map(\.status) == [.running])
                #expect(try await database.store.events(of: run.taskID).count == 3)
            }
        }

        @Test("Rows that every step writes say when they were last changed")
        func updatedAt() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                var attempt = try await database.store.beginAttempt(begin(run, created.steps[0]))
                attempt.status = .succeeded
                try await database.store.finishAttempt(
                    FinishAttempt(
                        runID: run.id, fence: run.fence, attempt: attempt,
                        stepChanges: [(created.steps[0].id, .succeeded)],
                        finish: RunFinish(status: .completed)))
                for table in ["tasks", "runs", "steps", "step_attempts"] {
                    let stale: Int = try await database.value(
                        "select count(*) from runner.\(unescaped: table) where updated_at <= created_at")
                    #expect(stale == 0, "\(table)")
                }
            }
        }

        @Test("A step is retried in the statement that ends its attempt, and has one running attempt at most")
        func retry() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed(steps: ["only"])
                var attempt = try await database.store.beginAttempt(begin(run, created.steps[0]))
                await #expect(throws: PostgresError.self) {
                    try await database.store.beginAttempt(begin(run, created.steps[0]))
                }
                for number in 2...4 {
                    attempt.status = .failed
                    attempt = try #require(
                        try await database.store.finishAttempt(
                            FinishAttempt(
                                runID: run.id, fence: run.fence, attempt: attempt,
                                next: begin(run, created.steps[0]))))
                    #expect(attempt.number == number)
                }
                let statuses = try await database.store.attempts(of: run.id).map(\.status)
                #expect(statuses == [.failed, .failed, .failed, .running])
            }
        }

        @Test("A step that has ended, or of another run, begins nothing, also not as the next one")
        func closedStep() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                let other = try await database.task()
                let store = database.store
                try await store.setStepStatuses(run.id, fence: run.fence, [(created.steps[1].id, .skipped)])
                for step in [created.steps[1], other.steps[0]] {
                    await #expect(throws: StoreError.stepNotOpen(step.id)) {
                        try await store.beginAttempt(begin(run, step))
                    }
                }
                var attempt = try await store.beginAttempt(begin(run, created.steps[0]))
                attempt.status = .succeeded
                let finish = FinishAttempt(
                    runID: run.id, fence: run.fence, attempt: attempt, next: begin(run, created.steps[1]))
                await #expect(throws: StoreError.stepNotOpen(created.steps[1].id)) {
                    try await store.finishAttempt(finish)
                }
                #expect(try await store.attempts(of: run.id).map(\.status) == [.running])
            }
        }

        @Test("The last attempt and the run end in one statement")
        func finishesRun() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                let environment = try await database.environment(run)
                var attempt = try await database.store.beginAttempt(begin(run, created.steps[0]))
                attempt.status = .cancelled
                try await database.store.finishAttempt(
                    FinishAttempt(
                        runID: run.id, fence: run.fence, attempt: attempt,
                        stepChanges: [(created.steps[0].id, .cancelled)],
                        finish: RunFinish(status: .cancelled, error: "by hand", cleanupAfter: .seconds(3600))))
                let ended = try await database.store.run(run.id)
                #expect(ended.status == .cancelled && ended.error == "by hand" && ended.ownerSessionID == nil)
                #expect(try await database.store.steps(of: run.id).map(\.status) == [.cancelled, .cancelled])
                #expect(try await database.store.attempts(of: run.id).map(\.status) == [.cancelled])
                let idle = try #require(try await database.store.environment(of: run.taskID))
                #expect(idle.id == environment.id && idle.status == .idle)
                let left = try #require(idle.cleanupAfter).timeIntervalSince(try #require(ended.finishedAt))
                #expect(abs(left - 3600) < 1)
            }
        }

        @Test("Many random numbers, unknown costs and odd agents never lose an attempt's end")
        func oddOutcomes() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed(steps: ["a"])
                var attempt = try await database.store.beginAttempt(begin(run, created.steps[0]))
                for cost in [Double.nan, -1, .infinity, 1e-9, 1e9] {
                    attempt.status = .timedOut
                    attempt.signal = 9
                    attempt.costUSD = cost
                    attempt = try #require(
                        try await database.store.finishAttempt(
                            FinishAttempt(
                                runID: run.id, fence: run.fence, attempt: attempt,
                                next: begin(run, created.steps[0]))))
                }
                let costs = try await database.store.attempts(of: run.id).map(\.costUSD)
                #expect(costs == [nil, nil, nil, 1e-9, 1e9, nil])
            }
        }
    }
}
