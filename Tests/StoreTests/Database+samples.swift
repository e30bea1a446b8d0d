import RunnerCore
import Store

/// Rows to work with, all made through the store.
extension Database {
    static let commit = String(repeating: "a", count: 40)

    func repository(_ name: String = "sample", store: Store? = nil) async throws -> Repository {
        try await (store ?? self.store).addRepository(
            Repository(
                name: name, url: "https://example.com/me/\(name)", identity: "example.com/me/\(name)",
                host: "example.com", owner: "me"))
    }

    func workflow() async throws -> WorkflowVersionID {
        try await store.freezeWorkflow(
            name: "default", source: "steps: []", definition: .object(["steps": .array([])]), author: "tester"
        ).0
    }

    func newTask(_ repository: RepositoryID, title: String = "title", steps: [String] = ["one", "two"]) async throws
        -> NewTask
    {
        NewTask(
            repositoryID: repository, title: title, prompt: "prompt", workflowVersionID: try await workflow(),
            steps: steps.map { NewStep(key: $0, kind: "run", stage: "build") })
    }

    func task(steps: [String] = ["one", "two"]) async throws -> CreatedTask {
        let repositories = try await store.repositories()
        let repository = repositories.isEmpty ? try await repository() : repositories[0]
        return try await store.createTask(try await newTask(repository.id, steps: steps))
    }

    func session(host: String = "here", lease: Duration = .seconds(60)) async throws -> SessionRecord {
        try await store.openSession(
            SessionRecord(
                kind: "cli", host: host, bootID: "boot", processID: 1, processStart: 1, user: "me", version: "1"),
            lease: lease)
    }

    /// A task whose run is claimed.
    func claimed(steps: [String] = ["one", "two"]) async throws -> (created: CreatedTask, run: RunRecord) {
        let created = try await task(steps: steps)
        let run = try await store.claimRun(created.run.id, for: try await session().id)
        guard let run else { throw StoreError.fenced(created.run.id) }
        return (created, run)
    }

    func environment(_ run: RunRecord, path: String = "/w/1", branch: String = "runner/1") async throws
        -> EnvironmentRecord
    {
        let task = try await store.task(matching: run.taskID.description)
        return try await store.createEnvironment(
            EnvironmentRecord(
                repositoryID: task.repositoryID, taskID: task.id, host: "here", worktreePath: path, branch: branch,
                baseCommit: Self.commit),
            run: run.id, fence: run.fence)
    }
}
