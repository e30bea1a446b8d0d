import Foundation
import Postgres
import RunnerCore
import Store

/// One worker and one client of a database, and what they do over and over.
struct Workload {
    let store: Store
    let session: SessionID
    let repository: RepositoryID
    let workflow: WorkflowVersionID

    static func open(_ target: ConnectionTarget) async throws -> Workload {
        let store = try await Store.open(PostgresClient(target, applicationName: "bench"), autoMigrate: false)
        let name = "bench-\(UUID().uuidString.prefix(8))"
        let repository = try await store.addRepository(
            Repository(
                name: name, url: "https://bench.example/\(name)", identity: "bench.example/\(name)",
                host: "bench.example", owner: "bench"))
        let (workflow, _) = try await store.freezeWorkflow(
            name: name, source: "steps: []", definition: .object(["steps": .array([])]), author: "bench")
        let session = try await store.openSession(
            SessionRecord(
                kind: "worker", host: "bench", bootID: "bench", processID: 1, processStart: 1, user: "bench",
                version: "bench"),
            lease: .seconds(3600))
        return Workload(store: store, session: session.id, repository: repository.id, workflow: workflow)
    }

    private func task(steps: Int) async throws -> CreatedTask {
        try await store.createTask(
            NewTask(
                repositoryID: repository, title: "empty", prompt: "empty", workflowVersionID: workflow,
                steps: (0..<steps).map { NewStep(key: "step-\($0)", kind: "run") }))
    }

    /// Seconds for a chain of `count` steps in one run: each step is one durable statement.
    func steps(_ count: Int) async throws -> Double {
        let task = try await task(steps: count)
        guard let run = try await store.claimRun(task.run.id, for: session) else { throw CancellationError() }
        var attempt = try await store.beginAttempt(
            BeginAttempt(runID: run.id, fence: run.fence, stepID: task.steps[0].id))
        let start = ContinuousClock.now
        for position in 0..<count {
            attempt.status = .succeeded
            attempt.exitCode = 0
            let step = task.steps[position].id
            guard position + 1 < count else {
                try await store.finishAttempt(
                    FinishAttempt(
                        runID: run.id, fence: run.fence, attempt: attempt, stepChanges: [(step, .succeeded)],
                        finish: RunFinish(status: .completed)))
                break
            }
            let next = BeginAttempt(runID: run.id, fence: run.fence, stepID: task.steps[position + 1].id)
            guard
                let begun = try await store.finishAttempt(
                    FinishAttempt(
                        runID: run.id, fence: run.fence, attempt: attempt, stepChanges: [(step, .succeeded)],
                        next: next))
            else { throw CancellationError() }
            attempt = begun
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// Seconds for one worker to take `count` queued runs of one empty step each to their end.
    ///
    /// It claims as many at once as a worker has slots by default on two cores, and executes each in a task of its own, on
    /// the worker's one connection, as the dispatcher does.
    func runs(_ count: Int) async throws -> Double {
        var steps: [RunID: StepID] = [:]
        for _ in 0..<count {
            let created = try await task(steps: 1)
            steps[created.run.id] = created.steps[0].id
        }
        let start = ContinuousClock.now
        var done = 0
        while done < count {
            let runs = try await store.claimNextRuns(for: session, room: min(4, count - done))
            guard !runs.isEmpty else { break }
            try await withThrowingTaskGroup { group in
                for run in runs {
                    guard let step = steps[run.id] else { throw CancellationError() }
                    group.addTask { try await finish(run, step) }
                }
                try await group.waitForAll()
            }
            done += runs.count
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    private func finish(_ run: RunRecord, _ step: StepID) async throws {
        var attempt = try await store.beginAttempt(BeginAttempt(runID: run.id, fence: run.fence, stepID: step))
        attempt.status = .succeeded
        attempt.exitCode = 0
        try await store.finishAttempt(
            FinishAttempt(
                runID: run.id, fence: run.fence, attempt: attempt, stepChanges: [(step, .succeeded)],
                finish: RunFinish(status: .completed)))
    }

    /// Milliseconds from before the task is made to its first attempt's row, one after the other.
    ///
    /// The worker listens, as `serve` does, and claims when it is told.
    func pickups(_ count: Int, target: ConnectionTarget) async throws -> [Double] {
        let worker = Store(unchecked: PostgresClient(target, applicationName: "bench worker"))
        let listener = PostgresListener(
            target, channels: [Store.Channel.queued.rawValue], applicationName: "bench listener")
        var iterator = listener.makeAsyncIterator()
        // Tasks are made until the listener hears of one: from then on it listens.
        let knock = Task {
            while !Task.isCancelled {
                _ = try await task(steps: 1)
                try await Task.sleep(for: .milliseconds(20))
            }
        }
        _ = await iterator.next()
        knock.cancel()
        _ = await knock.result
        while try await worker.claimNextRun(for: session) != nil {}
        var waits: [Double] = []
        for _ in 0..<count {
            let start = ContinuousClock.now
            let made = try await task(steps: 1)
            var claimed: RunRecord?
            while claimed == nil {
                _ = await iterator.next()
                claimed = try await worker.claimNextRun(for: session)
            }
            guard let run = claimed else { continue }
            _ = try await worker.beginAttempt(
                BeginAttempt(runID: run.id, fence: run.fence, stepID: made.steps[0].id))
            waits.append((ContinuousClock.now - start) / .milliseconds(1))
        }
        await listener.close()
        return waits
    }
}
