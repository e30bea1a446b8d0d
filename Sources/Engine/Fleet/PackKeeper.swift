import BlockingIO
import Crypto
import Foundation
import Git
import RunnerCore
import Store

/// Keeps in a shared database what another host would need to go on with a run from its newest checkpoint.
///
/// One self-contained pack a run, replaced by the next: increments would be smaller to send, but a chain of them is
/// only as good as its weakest link and has to be cut anyway.
struct PackKeeper: Sendable {
    let home: RunnerHome
    let store: Store
    let lane: BlockingLane
    /// Bytes of a pack above which none is kept.
    let limit: Int

    static let defaultLimit = 64 << 20

    /// Nil where no other host can take over: the database is private, or the limit is set to 0.
    init?(_ workspace: Workspace) {
        let limit =
            workspace.settings.environment["RUNNER_PACK_LIMIT_MIB"].flatMap(Int.init).map { $0 << 20 }
            ?? Self.defaultLimit
        guard workspace.settings.storage == .server, limit > 0 else { return nil }
        (home, store, lane, self.limit) = (workspace.home, workspace.store, workspace.lane, limit)
    }

    /// Keeps all checkpoints of the run and its branch, as they stand now that `attempt` has its commit.
    ///
    /// To be called before the attempt's end is recorded, so that what is recorded can always be rebuilt. A pack that
    /// cannot be made or is too large is no reason to fail a step: an event says so. Throws `StoreError.fenced`.
    func keep(_ job: StepJob, after attempt: AttemptRecord, progress: ProgressHandler) async throws {
        // Another host has no way to the objects of a folder on this one.
        guard !job.repository.isLocal else { return }
        let hub = Hub(path: home.hub(job.repository.id.description))
        let (base, branch) = (job.environment.baseCommit, job.environment.branch)
        let prefix = "refs/runner/\(job.task.number)/"
        let limit = limit
        do {
            let made = try await lane.run { () -> Made in
                try Made(hub, prefix: prefix, branch: branch, base: base, commit: attempt.commitAfter, limit: limit)
            }
            let hash = made.pack.map { Array(SHA256.hash(data: $0.bytes)) }
            let kept = KeptPack(
                attemptID: attempt.id, state: made.pack == nil ? .tooLarge : .complete, baseCommit: base,
                headCommit: made.tip.hex, refs: made.refs.mapValues(\.hex), size: made.pack?.bytes.count, sha256: hash)
            try await store.keepPack(kept, bytes: made.pack?.bytes ?? [], run: job.run.id, fence: job.run.fence)
            if made.pack == nil {
                let size = "\(limit >> 20) MiB"
                try await lost(job, "its checkpoint has more than \(size) beyond the base commit", progress)
            }
        } catch let error as GitError {
            try await lost(job, "its checkpoint could not be packed: \(error.message)", progress)
        }
    }

    private func lost(_ job: StepJob, _ reason: String, _ progress: ProgressHandler) async throws {
        progress(.note("no other host could take over from here: \(reason)"))
        try await store.recordEvent(
            task: job.task.id, kind: "checkpoint.not_kept",
            detail: .object(["step": .string(job.step.id), "reason": .string(reason)]))
    }

    private struct Made: Sendable {
        let tip: ObjectID
        let refs: [String: ObjectID]
        let pack: CheckpointPack?

        init(_ hub: Hub, prefix: String, branch: String, base: String, commit: String?, limit: Int) throws {
            let repository = try hub.open()
            guard let base = ObjectID(base), let tip = try repository.reference("refs/heads/\(branch)") else {
                throw GitError(
                    code: .notFound, operation: "pack a checkpoint", message: "the branch '\(branch)' is gone")
            }
            let found = try repository.references(matching: prefix + "*")
            var refs = Dictionary(found.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
            if let commit = commit.flatMap({ ObjectID($0) }) { refs[prefix + "last"] = commit }
            let tips = Array(Set(refs.values).union([tip]))
            self.tip = tip
            self.refs = refs
            pack = try CheckpointPack.make(hub, tips: tips, known: [base], limit: limit)
        }
    }
}

extension Workspace {
    var packs: PackKeeper? { PackKeeper(self) }
}
