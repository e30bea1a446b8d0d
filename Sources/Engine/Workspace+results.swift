import BlockingIO
import Foundation
import Git
package import RunnerCore
import Store

extension Workspace {
    /// What a task changed since its base, or what one step's newest attempt changed.
    package func diff(of task: TaskRecord, step: String?) async throws -> TaskDiff {
        try await results.diff(try await compared(task, step: step))
    }

    /// The same as a patch: what `git apply` takes, or, without the content of binary files, what a person reads.
    package func patch(of task: TaskRecord, step: String?, binary: Bool) async throws -> [UInt8] {
        try await results.patch(try await compared(task, step: step), binary: binary)
    }

    private func compared(_ task: TaskRecord, step: String?) async throws -> ComparedCommits {
        let detail = try await store.taskDetail(task.id)
        if let step {
            let (from, to) = try await commits(of: step, in: detail)
            // Once recorded they never change: an old host may still have them after a takeover.
            if let environment = detail.environment, try await !isKnown(to, in: detail.repository) {
                try checkIsHere(environment, of: detail.task)
            }
            return ComparedCommits(repository: detail.repository, from: from, to: to)
        }
        let current = try await results.currentCommit(detail)
        guard let environment = detail.environment,
            let base = ObjectID(try await store.firstBase(of: environment.id) ?? environment.baseCommit)
        else {
            throw EngineError(.internalFault, "task \(task.number) has no base commit", hint: nil)
        }
        return try await results.compared(detail.repository, since: base, to: current)
    }

    private func isKnown(_ commit: ObjectID, in repository: Repository) async throws -> Bool {
        let hub = Hub(path: home.hub(repository.id.description))
        return try await lane.run { try hub.has(commit.hex) }
    }

    private func commits(of key: String, in detail: TaskDetail) async throws -> (ObjectID, ObjectID) {
        guard let run = try await store.latestRun(of: detail.task.id, having: key) else {
            throw EngineError(.wrongState, "task \(detail.task.number) has no run", hint: nil)
        }
        let steps = try await store.steps(of: run.id)
        guard let step = steps.first(where: { $0.key == key }) else {
            throw EngineError(
                .wrongState, "task \(detail.task.number) has no step \"\(key)\"",
                hint: "its steps: \(steps.map(\.key).joined(separator: ", "))")
        }
        let newest = try await store.attempts(of: run.id).filter { $0.stepID == step.id }
            .max { $0.number < $1.number }
        guard let from = newest?.commitBefore.flatMap({ ObjectID($0) }),
            let to = newest?.commitAfter.flatMap({ ObjectID($0) })
        else {
            throw EngineError(.wrongState, "the step \"\(key)\" has not changed anything yet", hint: nil)
        }
        return (from, to)
    }

    /// Publishes a task's branch to the repository's origin, under `branch` or its own name.
    package func push(
        _ text: String, as branch: String?, progress: @escaping ProgressHandler
    ) async throws -> PublishedBranch {
        if let branch { try Results.check(branch: branch) }
        let detail = try await store.taskDetail(try await store.task(matching: text).id)
        guard let environment = detail.environment else {
            throw EngineError(.wrongState, "task \(detail.task.number) has no branch yet", hint: nil)
        }
        try checkIsHere(environment, of: detail.task)
        return try await results.publish(
            detail.task, detail.repository, environment, as: branch ?? environment.branch, progress: progress)
    }

    /// Puts a task's changes onto a checkout, uncommitted: all of them, or none where one does not apply.
    package func apply(_ text: String, to directory: String?) async throws -> AppliedChanges {
        let task = try await store.task(matching: text)
        let detail = try await store.taskDetail(task.id)
        let (origin, checkout) = try await checkout(for: detail, directory)
        let commits = try await compared(task, step: nil)
        let diff = try await results.diff(commits)
        guard diff.filesChanged > 0 else { return AppliedChanges(directory: checkout, files: 0) }
        if detail.repository.isLocal, let tip = ObjectID(diff.to) {
            try await LargeFiles(repositories: repositories, repository: detail.repository).give(tip)
        }
        let patch = CheckoutPatch(
            bytes: try await results.patch(commits, binary: true), paths: try await results.paths(commits),
            what: "the changes of task \(task.number)", branch: detail.environment?.branch ?? "")
        try await patch.apply(to: origin, of: checkout, workspace: self)
        return AppliedChanges(directory: checkout, files: diff.filesChanged)
    }

    /// The checkout that the person stands in, where it is one of this repository: it may have several.
    private func checkoutHere(of repository: Repository) async throws -> String? {
        let here = FileManager.default.currentDirectoryPath
        let found = await lane.runCatching { try LocalOrigin.discover(at: here) } ?? nil
        guard let found, found.commonDirectory == repository.originDirectory else { return nil }
        return found.workTree
    }

    private func checkout(
        for detail: TaskDetail, _ directory: String?
    ) async throws -> (origin: LocalOrigin, workTree: String) {
        let here = try await checkoutHere(of: detail.repository)
        let known = here ?? (detail.repository.isLocal ? detail.repository.url : nil)
        guard let place = directory.map(RunnerHome.absolute) ?? known else {
            throw EngineError(
                .invalidArgument, "\"\(detail.repository.name)\" has no checkout of yours that is known",
                hint: "name it with --to")
        }
        let origin = try await lane.run { try LocalOrigin.discover(at: place) }
        guard let origin, let found = origin.workTree else {
            throw EngineError(.notARepository, "there is no checkout at \"\(place)\"", hint: "name one with --to")
        }
        guard !found.hasPrefix(home.root + "/") else {
            throw EngineError(.invalidArgument, "\"\(found)\" is a worktree of runner", hint: "name your own checkout")
        }
        return (origin, found)
    }
}
