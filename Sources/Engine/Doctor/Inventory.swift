import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Compares what is recorded of this host with what lies on its disk; changes nothing.
///
/// These are the things that only a person can decide about: nobody knows whether they hold work.
struct Inventory: Sendable {
    let workspace: Workspace

    private var home: RunnerHome { workspace.home }

    /// One check for each thing that is out of place; a single passed one where nothing is.
    func checks() async throws -> [DoctorCheck] {
        // The disk first: what begins in between is recorded by then.
        let folders = names(in: home.worktrees).flatMap { group in
            names(in: "\(home.worktrees)/\(group)").map { "\(home.worktrees)/\(group)/\($0)" }
        }
        // Of all hosts: this one may have had another name.
        let environments = try await workspace.store.environments()
            .filter { $0.0.status != .terminated || $0.0.removal == .vanished }
        let repositories = try await workspace.store.repositories()
        let attempts = names(in: home.attempts)
        let known = try await workspace.store.attemptEnds(attempts.compactMap { AttemptID($0) })
        let found = try await workspace.lane.run {
            vanished(environments) + strangers(folders, environments) + unknownHubs(repositories)
                + forgotten(environments, repositories)
        }
        let teardowns = Set(environments.filter { $0.0.status == .cleaning }.map { Teardown.folderName($0.0) })
        let strays = attempts.filter { name in
            !teardowns.contains(name) && AttemptID(name).map { known[$0] == nil } ?? true
        }
        .map { name in
            DoctorCheck(
                name: "attempt folder", verdict: .failed,
                detail: "no attempt of this database has \(home.attempt(name))",
                advice: "look whether you need it, and delete it")
        }
        guard found.isEmpty, strays.isEmpty else { return found + strays }
        return [DoctorCheck(name: "leftovers", verdict: .passed, detail: "disk and database agree")]
    }

    private func vanished(_ environments: [(EnvironmentRecord, taskNumber: Int)]) -> [DoctorCheck] {
        // One that is being made or removed may be gone for the moment, and one that is closed is known to be gone.
        environments.filter {
            $0.0.host == HostIdentity.hostname && ![.initializing, .cleaning, .terminated].contains($0.0.status)
                && !Janitor.isAnythingAt($0.0.worktreePath) && home.has($0.0)
        }.map { one in
            DoctorCheck(
                name: "worktree", verdict: .failed,
                detail: "the worktree of task \(one.taskNumber) is gone: \(one.0.worktreePath)",
                advice: "if you moved it: runner env relocate \(one.taskNumber) <folder>; if not, runner restore "
                    + "\(one.taskNumber) checks its branch out again, and runner clean \(one.taskNumber) closes it")
        }
    }

    /// Folders among the worktrees that no task has.
    private func strangers(
        _ folders: [String], _ environments: [(EnvironmentRecord, taskNumber: Int)]
    ) -> [DoctorCheck] {
        let paths = Set(environments.filter { $0.0.status != .terminated }.map(\.0.worktreePath))
        return folders.filter { !paths.contains($0) }.map { path in
            DoctorCheck(
                name: "worktree", verdict: .failed, detail: "no task has the folder \(path)",
                advice: "look whether you need what is in it, and move or delete it")
        }
    }

    private func unknownHubs(_ repositories: [Repository]) -> [DoctorCheck] {
        let known = Set(repositories.map { "\($0.id).git" })
        return names(in: home.hubs).filter { $0.hasSuffix(".git") && !known.contains($0) }.map { name in
            DoctorCheck(
                name: "clone", verdict: .failed, detail: "no repository has the clone \(home.hubs)/\(name)",
                advice: "it may hold branches of another database; look, and delete it")
        }
    }

    /// What Git keeps for worktrees that neither a task has nor the disk.
    ///
    /// Copies that `restore --to` made may be deleted like any folder: their entries go by themselves.
    private func forgotten(
        _ environments: [(EnvironmentRecord, taskNumber: Int)], _ repositories: [Repository]
    ) -> [DoctorCheck] {
        repositories.flatMap { repository -> [DoctorCheck] in
            let hub = Hub(path: home.hub(repository.id.description))
            let used = Set(
                environments.filter { $0.0.repositoryID == repository.id }.map { $0.0.worktree(in: hub).name })
            return names(in: hub.path + "/worktrees").filter { name in
                guard !used.contains(name), RestoredCopy.task(of: name) == nil,
                    let link = StepFiles.read("\(hub.path)/worktrees/\(name)/gitdir", limit: 4096)
                else { return false }
                let path = String(decoding: link.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
                return access(path, F_OK) != 0
            }.map { name in
                DoctorCheck(
                    name: "Git's worktree", verdict: .failed,
                    detail: "\(repository.name) still lists \"\(name)\", whose folder is gone and which no task has",
                    // Not `git worktree prune`: that drops what it keeps of worktrees that were moved, too.
                    advice: "delete \(hub.path)/worktrees/\(name)")
            }
        }
    }

    private func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }
}
