import Foundation
import Postgres
import RunnerCore
import Store
import Testing

/// Looks at a data folder after a campaign and says everything that is not as without one.
struct ChaosChecker: Sendable {
    let home: ChaosHome
    let store: Store
    /// The tree that an undisturbed run leaves.
    let tree: String

    static func with<T: Sendable>(
        _ home: ChaosHome, tree: String = "", _ body: (ChaosChecker) async throws -> T
    ) async throws -> T {
        let cluster = LocalCluster(directory: home.fixture.home + "/postgres", keeper: nil)
        let client = PostgresClient(try await cluster.ensureRunning(), applicationName: "chaos checker")
        let outcome: Result<T, any Error>
        do {
            outcome = .success(try await body(ChaosChecker(home: home, store: Store(unchecked: client), tree: tree)))
        } catch {
            outcome = .failure(error)
        }
        await client.close()
        return try outcome.get()
    }

    /// One sentence for each broken promise; empty when all hold.
    func complaints(_ titles: [String]) async throws -> [String] {
        var found = try await stuckRows()
        var seen: [String: Int] = [:]
        for summary in try await store.tasks(TaskFilter(limit: 1_000_000)) {
            seen[summary.task.title, default: 0] += 1
            found += try await complaints(summary.task)
        }
        for title in titles where seen[title] != 1 { found.append("\(title): \(seen[title] ?? 0) tasks, not 1") }
        found += try await damagedHubs()
        found += leftFolders()
        found += leftProcesses()
        return found
    }

    /// Tasks that have not ended.
    func open() async throws -> [String] {
        try await store.tasks(TaskFilter(limit: 1_000_000)).map(\.task).filter { !$0.status.isTerminal }
            .map { "\($0.number) \($0.status.rawValue)" }
    }

    /// Waits until no task is open and the rescuer has removed what was left; what does not end shows in the complaints.
    func settle(until deadline: ContinuousClock.Instant) async throws {
        while ContinuousClock.now < deadline {
            if let open = try? await open(), open.isEmpty, leftFolders().isEmpty { return }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    private func complaints(_ task: TaskRecord) async throws -> [String] {
        let name = "task \(task.number)"
        guard let run = try await store.latestRun(of: task.id) else { return ["\(name): no run"] }
        guard run.status == .completed else {
            return ["\(name): its run is \(run.status.rawValue) (\(run.error ?? "no reason"))"]
        }
        var found: [String] = []
        let attempts = try await store.attempts(of: run.id)
        for step in try await store.steps(of: run.id) {
            let own = attempts.filter { $0.stepID == step.id }
            let good = own.filter { $0.status == .succeeded }
            if good.count != 1 || step.status != .succeeded {
                let states = own.map(\.status.rawValue).joined(separator: ", ")
                found.append("\(name): step \(step.key) is \(step.status.rawValue) with attempts \(states)")
            }
            let whole = ChaosWorkload.output(of: step.key)
            for attempt in own {
                let output = String(decoding: try await read(attempt.id), as: UTF8.self)
                let isRight = attempt.status == .succeeded ? output == whole : whole.hasPrefix(output)
                if !isRight {
                    found.append(
                        "\(name): attempt \(attempt.number) of \(step.key) (\(attempt.status.rawValue)) has"
                            + " \(output.utf8.count) bytes of output, not \(whole.utf8.count)")
                }
            }
        }
        return found + (try await complaintsAboutFiles(task))
    }

    private func read(_ attempt: AttemptID) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let piece = try await store.readLog(attempt, .stdout, from: bytes.count)
            if piece.isEmpty { return bytes }
            bytes += piece
        }
    }

    private func complaintsAboutFiles(_ task: TaskRecord) async throws -> [String] {
        guard let environment = try await store.environment(of: task.id) else {
            return ["task \(task.number): no environment"]
        }
        let hub = "\(home.fixture.home)/hubs/\(environment.repositoryID).git"
        let branch = try await git("rev-parse", "refs/heads/\(environment.branch)^{tree}", in: hub)
        var found: [String] = []
        if branch != tree { found.append("task \(task.number): its branch has the tree \(branch), not \(tree)") }
        let status = try await git("status", "--porcelain", in: environment.worktreePath)
        if !status.isEmpty { found.append("task \(task.number): its worktree differs: \(status.prefix(200))") }
        return found
    }

    private func git(_ arguments: String..., in directory: String) async throws -> String {
        let output = try await home.fixture.run("/usr/bin/git", ["-C", directory] + arguments)
        return output.status == 0 ? output.out.trimmingCharacters(in: .newlines) : "nothing (\(output.err))"
    }

    private func damagedHubs() async throws -> [String] {
        let hubs = (try? FileManager.default.contentsOfDirectory(atPath: home.fixture.home + "/hubs")) ?? []
        var found: [String] = []
        for hub in hubs where hub.hasSuffix(".git") {
            let path = "\(home.fixture.home)/hubs/\(hub)"
            let check = try await home.fixture.run("/usr/bin/git", ["-C", path, "fsck", "--strict", "--no-dangling"])
            // Empty loose objects and the like are said on either stream, with a status.
            if check.status != 0 { found.append("git fsck: \((check.err + check.out).prefix(500))") }
        }
        return found
    }

    private func leftFolders() -> [String] {
        let left = (try? FileManager.default.contentsOfDirectory(atPath: home.fixture.home + "/attempts")) ?? []
        return left.map { "attempts/\($0) is left" }
    }

    /// The database may go on until it is idle.
    private func leftProcesses() -> [String] {
        home.mine(ChaosProcess.all())
            .filter { !$0.command.hasPrefix("postgres") && !$0.command.contains("/postgres ") }
            .filter { !$0.command.contains("runner db keep") }
            .map { "process \($0.pid) is left: \($0.command.prefix(120))" }
    }

    private func stuckRows() async throws -> [String] {
        let rows = try await store.client.query(
            """
            select 'run ' || id || ' is ' || status as text from runner.runs
            where status in ('queued', 'running', 'waiting')
            union all select 'step ' || id || ' is ' || status from runner.steps
            where status in ('pending', 'running', 'waiting')
            union all select 'attempt ' || id || ' is ' || status from runner.step_attempts where status = 'running'
            union all select 'task ' || number || ' is ' || status from runner.tasks
            where status in ('queued', 'running', 'waiting')
            union all select 'environment ' || id || ' is ' || status from runner.environments
            where status not in ('idle', 'terminated')
            """)
        return try rows.map { row in try row.decode("text") }
    }
}
