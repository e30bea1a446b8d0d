import Foundation
import Glibc
import RunnerCore
import Store

/// Ends what a dead worker left behind: its steps' processes, its open attempts, its run.
struct Rescuer: Sendable {
    let workspace: Workspace

    /// Looks once at the running runs of this host and ends those whose worker is gone; returns how many.
    ///
    /// Their worktrees stay as they are, for `runner retry`.
    @discardableResult
    func runOnce() async throws -> Int {
        guard try await workspace.store.hasRunningRuns() else { return 0 }
        var rescued = 0
        for (run, owner) in try await workspace.store.abandonedRuns(host: HostIdentity.hostname) {
            guard let owner, Rescuer.isGone(owner) else { continue }
            if owner.host == HostIdentity.hostname { await stopProcesses(of: run) }
            let retention = try await workspace.store.taskDetail(run.taskID).repository.settings.retention
            let ended = try await workspace.store.interruptRun(
                run.id, expectedFence: run.fence, reason: "its worker went away; go on with runner retry",
                cleanupAfter: retention)
            if ended { rescued += 1 }
        }
        // Nothing ran in an environment that was not finished: it goes, and a retry makes a new one.
        if rescued > 0 { _ = try await workspace.environments.reclaimUnfinished() }
        return rescued
    }

    /// On this host a process says for itself whether it lives; of others the lease tells.
    static func isGone(_ owner: SessionRecord) -> Bool {
        if !owner.isActive { return true }
        // A run of another host is only listed once the server's clock has ended its owner's lease.
        guard owner.host == HostIdentity.hostname else { return true }
        if owner.bootID != HostIdentity.bootID { return true }
        return HostIdentity.processStart(pid_t(owner.processID)) != owner.processStart
    }

    /// The shim of an attempt outlives its worker: nobody would record what it does from now on.
    private func stopProcesses(of run: RunRecord) async {
        guard let attempts = try? await workspace.store.attempts(of: run.id), let launcher = try? workspace.shim()
        else {
            return
        }
        for attempt in attempts where attempt.status == .running {
            let folder = workspace.home.attempt(attempt.id.description)
            guard access(folder, F_OK) == 0, let running = try? launcher.adopt(folder) else { continue }
            try? running.cancel(hard: true)
            _ = try? await running.waitForExit()
            await keepOutput(of: attempt, in: folder)
        }
    }

    /// What the attempt wrote before its end belongs to its history.
    private func keepOutput(of attempt: AttemptRecord, in folder: String) async {
        for stream in [LogStream.stdout, .stderr] {
            guard let source = OutputReader.Stream(rawValue: stream.rawValue) else { continue }
            var known = 0
            while let kept = try? await workspace.store.readLog(attempt.id, stream, from: known), !kept.isEmpty {
                known += kept.count
            }
            var reader = OutputReader(directory: folder, stream: source, offset: known)
            while let bytes = try? reader.readNew(), !bytes.isEmpty {
                try? await workspace.store.appendLog(
                    attempt.id, stream, offset: reader.offset - bytes.count, bytes: bytes)
            }
        }
        try? FileManager.default.removeItem(atPath: folder)
    }
}

extension Workspace {
    var rescuer: Rescuer { Rescuer(workspace: self) }
}
