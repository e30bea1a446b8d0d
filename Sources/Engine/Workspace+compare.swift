import BlockingIO
import Git
import RunnerCore
import Store

extension Workspace {
    /// The tasks side by side, in the order in which they were asked for; steps and costs are those of all their runs.
    package func compare(_ texts: [String]) async throws -> [TaskComparison] {
        var found: [TaskComparison] = []
        for text in texts {
            let task = try await store.task(matching: text)
            guard !found.contains(where: { $0.task == task.number }) else { continue }
            found.append(try await comparison(of: task))
        }
        guard found.count > 1 else {
            throw EngineError(.invalidArgument, "a comparison needs two different tasks", hint: "name another one")
        }
        return found
    }

    private func comparison(of task: TaskRecord) async throws -> TaskComparison {
        let runs = try await store.taskDetail(task.id).runs
        var steps: [StepRecord] = []
        var attempts: [AttemptRecord] = []
        for run in runs {
            let own = try await store.steps(of: run.id)
            // A check that a later run made again stands there alone.
            steps.removeAll { old in own.contains { $0.key == old.key } }
            steps += own
            attempts += try await store.attempts(of: run.id)
        }
        // A worktree that is gone with its branch has nothing to count any more.
        let changes = try? await diff(of: task, step: nil)
        let newest = Dictionary(attempts.map { ($0.stepID, $0) }, uniquingKeysWith: { $0.number > $1.number ? $0 : $1 })
        let costs = attempts.compactMap(\.costUSD)
        return TaskComparison(
            task: task.number, title: task.title, status: task.status, workflow: runs.first?.workflowName,
            workflowVersion: runs.first?.workflowVersion, agents: Self.distinct(attempts.compactMap(\.agent)),
            models: Self.distinct(attempts.compactMap(\.model)), filesChanged: changes?.filesChanged,
            insertions: changes?.insertions, deletions: changes?.deletions, files: changes?.files.map(\.path) ?? [],
            checks: steps.filter { $0.kind == "run" }.map {
                TaskComparison.Check(step: $0.key, status: $0.status, exitCode: newest[$0.id]?.exitCode)
            },
            attempts: attempts.count, costUsd: costs.isEmpty ? nil : costs.reduce(0, +),
            tokens: attempts.compactMap(\.usage).reduce(TokenUsage(), +),
            durationMs: attempts.compactMap(\.durationMilliseconds).reduce(0, +), error: runs.last?.error)
    }

    private static func distinct(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
