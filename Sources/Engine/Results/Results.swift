import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Gives the work of a task to its person: as a diff, a branch at the origin, or changes on their checkout.
struct Results: Sendable {
    let workspace: Workspace

    private func hub(_ repository: Repository) -> Hub {
        Hub(path: workspace.home.hub(repository.id.description))
    }

    /// The difference of two commits of a repository.
    func diff(_ commits: ComparedCommits) async throws -> TaskDiff {
        let hub = hub(commits.repository)
        return try await workspace.lane.run {
            let found = try Git.Diff.between(try hub.open(), from: commits.from, to: commits.to)
            let files = found.files.map { file in
                TaskDiff.File(
                    path: file.path, status: file.status.rawValue, insertions: file.insertions,
                    deletions: file.deletions, isBinary: file.isBinary)
            }
            return TaskDiff(
                from: commits.from.hex, to: commits.to.hex, filesChanged: found.filesChanged,
                insertions: found.insertions, deletions: found.deletions, files: files)
        }
    }

    /// The same as a patch, with the content of binary files, which takes long where they are large, or without.
    func patch(_ commits: ComparedCommits, binary: Bool) async throws -> [UInt8] {
        let hub = hub(commits.repository)
        return try await workspace.lane.run {
            try Git.Diff.patch(try hub.open(), from: commits.from, to: commits.to, binary: binary)
        }
    }

    /// The paths that the patch changes.
    func paths(_ commits: ComparedCommits) async throws -> [BytePath] {
        let hub = hub(commits.repository)
        return try await workspace.lane.run {
            try Git.Diff.paths(try hub.open(), from: commits.from, to: commits.to)
        }
    }

    /// What was made since `base`, or since the work left its history.
    func compared(_ repository: Repository, since base: ObjectID, to: ObjectID) async throws -> ComparedCommits {
        let hub = hub(repository)
        let from = try await workspace.lane.run { try hub.open().mergeBase(base, to) }
        return ComparedCommits(repository: repository, from: from ?? base, to: to)
    }

    /// The commit that holds what a task has come to: the worktree as it is, else the newest checkpoint or branch.
    func currentCommit(_ detail: TaskDetail) async throws -> ObjectID {
        guard let environment = detail.environment else {
            throw EngineError(
                .wrongState, "task \(detail.task.number) has no changes yet: it has no worktree", hint: nil)
        }
        try workspace.checkIsHere(environment, of: detail.task)
        let hub = hub(detail.repository)
        let worktree = environment.worktree(in: hub)
        return try await workspace.lane.run {
            if environment.status != .terminated, environment.status != .initializing, access(worktree.path, F_OK) == 0
            {
                let signature = CommitAuthor.runner.signature(at: Date())
                let checkpoint = try Checkpoint.write(
                    worktree: worktree, message: "state of the worktree", author: signature, committer: signature)
                return checkpoint.commit
            }
            if let head = environment.headCommit.flatMap({ ObjectID($0) }) { return head }
            guard let tip = try hub.open().reference("refs/heads/\(environment.branch)") else {
                throw EngineError(.wrongState, "the branch \(environment.branch) is gone", hint: nil)
            }
            return tip
        }
    }

    /// Publishes the branch of a task to the repository's origin under `target`, and notes it in the task's history.
    func publish(
        _ task: TaskRecord, _ repository: Repository, _ environment: EnvironmentRecord, as target: String,
        progress: @escaping ProgressHandler
    ) async throws -> PublishedBranch {
        try await LargeFiles(repositories: workspace.repositories, repository: repository).publish(
            environment.branch, base: ObjectID(environment.baseCommit), progress: progress)
        let published =
            repository.isLocal
            ? try await publishLocally(task, repository, environment, as: target)
            : try await pushRemotely(repository, environment, as: target, progress: progress)
        await note(published, in: hub(repository))
        try await workspace.store.recordEvent(
            task: task.id, kind: "branch.published",
            detail: .object(["branch": .string(published.branch), "commit": .string(published.commit)]))
        return published
    }

    /// Has the clone know what the origin has now, as `git push` does; the next fetch would say it too.
    private func note(_ published: PublishedBranch, in hub: Hub) async {
        await workspace.lane.runCatching {
            guard let commit = ObjectID(published.commit) else { return }
            try hub.open().setReference("refs/remotes/origin/\(published.branch)", to: commit)
        }
    }

    /// Throws `invalidArgument` for what is no name for a branch.
    static func check(branch: String) throws {
        guard let problem = BranchName.validate(branch) else { return }
        throw EngineError(.invalidArgument, "\"\(branch)\" is no branch name: \(problem)", hint: nil)
    }

    /// Writes the branch into a local origin; its checkout is not touched.
    ///
    /// A branch of the task's own name follows the task also where that went back: what it leaves is in checkpoints.
    private func publishLocally(
        _ task: TaskRecord, _ repository: Repository, _ environment: EnvironmentRecord, as target: String
    ) async throws -> PublishedBranch {
        let hub = hub(repository)
        let kept = target == environment.branch ? "refs/runner/\(task.number)/" : nil
        let commit = try await workspace.lane.run { () -> ObjectID in
            do {
                let origin = try Repositories.origin(of: repository)
                return try origin.publish(branch: environment.branch, from: hub, as: target, kept: kept)
            } catch let error as EngineError {
                throw EngineError(
                    .notPublished, "the branch \"\(target)\" was not published: \(error.message)",
                    hint: "publish it with runner push \(task.number) when the repository is there again")
            } catch let error as GitError {
                // Another name helps against what is there, not against what may not be written.
                throw EngineError(
                    .notPublished,
                    "the branch \"\(target)\" was not published to \"\(repository.url)\": \(error.message)",
                    hint: error.code == .conflict
                        ? "publish it under another name with runner push --as"
                        : "publish it again with runner push \(task.number) when that is mended")
            }
        }
        return PublishedBranch(branch: target, commit: commit.hex, destination: repository.url)
    }

    /// Pushes the branch to a remote origin with the `git` binary, with the person's own credentials.
    private func pushRemotely(
        _ repository: Repository, _ environment: EnvironmentRecord, as target: String,
        progress: @escaping ProgressHandler
    ) async throws -> PublishedBranch {
        let hub = hub(repository)
        guard let tip = try await workspace.lane.run({ try hub.open().reference("refs/heads/\(environment.branch)") })
        else {
            throw EngineError(.notPublished, "the branch \(environment.branch) is gone", hint: nil)
        }
        try await workspace.repositories.checkConnection(repository)
        try await workspace.repositories.secureHub(repository)
        let result = try await workspace.repositories.command(for: repository).run(
            [
                "push", "--progress", "--porcelain", "--no-verify", "--", repository.url,
                "refs/heads/\(environment.branch):refs/heads/\(target)",
            ],
            in: hub.path
        ) { progress(.fetching($0)) }
        guard result.status == 0 else {
            let lines = (result.messages + "\n" + result.standardOutput).split(separator: "\n").map(String.init)
            let cause =
                lines.first { $0.hasPrefix("!") || $0.contains("rejected") || $0.hasPrefix("fatal:") }
                ?? lines.last ?? "git gave no reason"
            throw EngineError(
                .notPublished, "the branch \"\(target)\" was not pushed to \"\(repository.name)\": \(cause)",
                hint: "check your credentials, or publish under another name with --as")
        }
        return PublishedBranch(branch: target, commit: tip.hex, destination: repository.url)
    }
}
