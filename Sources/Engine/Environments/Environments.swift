import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Makes the worktree and the branch of a task.
struct Environments: Sendable {
    let settings: RunnerSettings
    let home: RunnerHome
    let store: Store
    let lane: BlockingLane

    /// Takes away an environment whose making was interrupted; what it has is nobody's work.
    func discard(_ environment: EnvironmentRecord) async throws {
        let worktree = environment.worktree(in: Hub(path: home.hub(environment.repositoryID.description)))
        try await lane.run { [home] in
            if worktree.directoryExists {
                let identity = try DirectoryIdentity(of: worktree.path)
                try DirectoryRemoval.remove(worktree.path, expected: identity, beneath: home.worktrees)
            }
            try worktree.reclaim(branch: environment.branch, base: ObjectID(environment.baseCommit))
        }
        _ = try await store.setEnvironmentStatus(
            environment.id, from: [.initializing, .running, .idle], to: .terminated)
    }

    /// Takes away every environment of this host whose maker was killed half way; returns how many.
    func reclaimUnfinished() async throws -> Int {
        var count = 0
        for environment in try await store.unfinishedEnvironments(host: HostIdentity.hostname) {
            try await discard(environment)
            count += 1
        }
        return count
    }

    /// Names, records and makes the worktree, in this order: what a crash leaves is known by its row.
    func prepare(
        _ task: TaskRecord, _ run: RunRecord, on repository: Repository, context: RunContext,
        personal: Task<PersonalGit, Never>, progress: @escaping ProgressHandler = { _ in }
    ) async throws -> EnvironmentRecord {
        _ = try await reclaimUnfinished()
        let hub = Hub(path: home.hub(repository.id.description))
        let base = context.base
        let repositories = Repositories(settings: settings, home: home, store: store, lane: lane)
        let largeFiles = try await LargeFiles(repositories: repositories, repository: repository)
            .fetch(base.commit, progress: progress)
        let place = try await lane.run { [home] in
            try EnvironmentPlace.free(for: task, repository: repository, hub: hub, home: home)
        }
        let record = try await store.createEnvironment(
            EnvironmentRecord(
                repositoryID: repository.id, taskID: task.id, host: HostIdentity.hostname, worktreePath: place.path,
                branch: place.branch, baseCommit: base.commit.hex, headCommit: base.commit.hex),
            parent: context.fork?.environment, run: run.id, fence: run.fence)
        let spares = SparePlace(home: home, repository: repository.id).folder
        let sparse = repository.settings.sparsePatterns
        let note: @Sendable (CheckoutReport) -> Void = { report in
            for (filter, paths) in report.unfiltered.sorted(by: { $0.key < $1.key }) {
                let hint = filter == "lfs" ? "; for their contents: runner repo update \(repository.name) --lfs" : ""
                let files = paths.count == 1 ? "1 file holds" : "\(paths.count) files hold"
                progress(.note("\(files) what the filter \"\(filter)\" stores, for it is not run\(hint)"))
            }
        }
        ChaosPoint.environmentRecorded.reach()
        do {
            async let ports = PortBlock(store: store, host: record.host).lease(for: record.id)
            // Before the worktree is made, whose index knows by which patterns it holds nothing untracked.
            try await follow(await personal.value, in: repository)
            _ = try await ports
            try await lane.run {
                try hub.open().setReference("refs/runner/\(task.number)/base", to: base.commit)
                _ = try Worktree.add(
                    hub: hub, name: place.name, path: place.path, branch: place.branch, base: base.commit,
                    sparse: sparse, spares: spares, report: { note($0) })
            }
        } catch {
            _ = try? await store.setEnvironmentStatus(record.id, from: [.initializing], to: .terminated)
            throw error
        }
        try await self.note(contents: largeFiles, of: task)
        try await bringSubmodules(repository, to: record, at: base.commit, progress)
        try await copyFiles(repository, to: record, progress)
        if let scripts = context.scripts {
            let worktree = record.worktree(in: hub)
            let folders = DependencyFolders(scripts, home: home, repository: repository.id)
            try await lane.run { try folders.bring(to: worktree) }
        }
        ChaosPoint.environmentMade.reach()
        let identity = try DirectoryIdentity(of: place.path)
        guard
            let made = try await store.environmentMade(record.id, device: identity.device, inode: identity.inode)
        else {
            throw EngineError(.wrongState, "the environment of task \(task.number) was taken over", hint: nil)
        }
        return made
    }

    /// What the person's own Git does not show must not come into commits: it may be a secret. Nor must what their agents
    /// leave for themselves, such as a history. And commits that a step
    /// makes itself are by whom the runner's are.
    func follow(_ personal: PersonalGit, in repository: Repository) async throws {
        let hub = Hub(path: home.hub(repository.id.description))
        try await lane.run {
            guard access(hub.path, F_OK) == 0 else { return }
            // First: what the person says weighs more.
            try hub.setPersonalExcludes(
                AgentFiles.user.worktreeFiles + personal.excludes(of: repository.originDirectory))
            let author = personal.author
            try hub.setIdentity(personal.isFoundInClones ? nil : (author.name, author.email))
        }
    }

    private func note(contents files: [LargeFile], of task: TaskRecord) async throws {
        guard !files.isEmpty else { return }
        try await store.recordEvent(
            task: task.id, kind: "environment.large_files",
            detail: .object([
                "files": .integer(files.count), "bytes": .integer(files.reduce(0) { $0 + $1.pointer.size }),
            ]))
    }

    /// A block of ports for an environment that has none, as one that was restored.
    func withPorts(_ environment: EnvironmentRecord) async throws -> EnvironmentRecord {
        guard environment.ports.isEmpty else { return environment }
        var complete = environment
        complete.ports = try await PortBlock(store: store, host: environment.host).lease(for: environment.id)
        return complete
    }

    /// Takes the worktree away again where one of its submodules cannot be had.
    private func bringSubmodules(
        _ repository: Repository, to record: EnvironmentRecord, at commit: ObjectID,
        _ progress: @escaping ProgressHandler
    ) async throws {
        let repositories = Repositories(settings: settings, home: home, store: store, lane: lane)
        do {
            try await Submodules(repositories: repositories, repository: repository).bring(
                to: record.worktree(in: repositories.hub(of: repository)), at: commit, progress: progress)
        } catch {
            try? await discard(record)
            throw error
        }
    }

    /// Files that Git does not have, from the checkout of a local origin.
    private func copyFiles(
        _ repository: Repository, to environment: EnvironmentRecord, _ progress: ProgressHandler
    ) async throws {
        guard repository.isLocal else { return }
        let checkout: String?
        do {
            checkout = try await lane.run { try Repositories.origin(of: repository).workTree }
        } catch let error as EngineError {
            // Whoever starts with --no-fetch may do without it.
            progress(.note("\(error.message); nothing of your checkout was copied"))
            return
        }
        guard let checkout else { return }
        let worktree = environment.worktree(in: Hub(path: home.hub(repository.id.description)))
        let notes = try await EnvironmentFiles(settings: settings).copy(
            from: checkout, to: worktree, patterns: repository.settings.copy ?? [])
        for note in notes { progress(.note(note)) }
    }
}
