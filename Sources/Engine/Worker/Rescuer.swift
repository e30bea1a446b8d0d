import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Compares the database, the disk, Git and the processes of this host, and repairs what is clear.
///
/// Runs themselves are not its business: whoever claims them goes on with them.
struct Rescuer: Sendable {
    let workspace: Workspace

    static let interval = Duration.seconds(60)

    private var store: Store { workspace.store }
    private var home: RunnerHome { workspace.home }

    /// Repairs once; returns a sentence for each thing that it found.
    @discardableResult
    func runOnce() async throws -> [String] {
        var found: [String] = []
        let closed = try await store.closeOpenAttemptsOfEndedRuns()
        if closed > 0 { found.append("\(closed) open attempts of ended runs were closed") }
        let buried = try await buryDeadSessions()
        if buried > 0 { found.append("\(buried) sessions of processes that are gone were ended") }
        found += try await endStrayAttempts()
        let reclaimed = try await workspace.environments.reclaimUnfinished()
        if reclaimed > 0 { found.append("\(reclaimed) half-made worktrees were removed") }
        return found
    }

    func run(report: @escaping @Sendable (String) -> Void) async {
        var told = ""
        while !Task.isCancelled {
            for sentence in (try? await runOnce()) ?? [] { report(sentence) }
            let problem = await tidy()
            // Once: a damaged clone stays as it is until a person has seen to it.
            if let problem, problem != told { report(problem) }
            told = problem ?? ""
            await workspace.expireLogsInPassing()
            _ = try? await store.forgetPacks(endedBefore: .seconds(7 * 86_400))
            _ = try? await store.forgetSessions(olderThan: .seconds(7 * 86_400))
            try? await Task.sleep(for: Rescuer.interval)
        }
    }

    /// Returns what could not be tidied, and why.
    private func tidy() async -> String? {
        do {
            _ = try await workspace.tidy()
            return nil
        } catch  where DatabaseAbsence.explains(error) || error is CancellationError {
            return nil
        } catch {
            return "not all could be tidied: \(error)"
        }
    }

    /// Ends sessions of this host whose process is gone; those with runs are ended when their runs are taken over.
    private func buryDeadSessions() async throws -> Int {
        let gone = try await store.sessionSummaries(all: false).filter {
            // Of another boot it may be another machine with the same name: its lease tells.
            $0.session.host == HostIdentity.hostname && !HostIdentity.isRunning($0.session)
                && ($0.session.bootID == HostIdentity.bootID || !$0.isAlive)
        }
        return gone.isEmpty ? 0 : try await store.buryDead(gone.map(\.session.id))
    }

    /// On this host a process says for itself whether it lives; of others the lease tells.
    static func isGone(_ owner: SessionRecord) -> Bool {
        if !owner.isActive { return true }
        // A run of another host is only listed once the server's clock has ended its owner's lease.
        guard owner.host == HostIdentity.hostname else { return true }
        return !HostIdentity.isRunning(owner)
    }

    /// Ends the processes of attempts that have ended in the database, and removes their folders.
    private func endStrayAttempts() async throws -> [String] {
        let ids = folders()
        let marked = MarkedProcess.all().filter { ids[$0.attempt] == nil }
        let ends = try await store.attemptEnds(Array(ids.keys) + Array(Set(marked.map(\.attempt))))
        var found: [String] = []
        for (id, folder) in ids where ends[id] == true {
            if ShimLauncher.isSupervised(folder) {
                await end(folder)
                found.append("the processes of the ended attempt \(id) were ended")
            }
            try await keepOutput(of: id, in: folder)
        }
        for process in marked where ends[process.attempt] == true {
            // Looked at once more: an attempt's own shim may be ending it in good order right now.
            guard process.isStillThere else { continue }
            process.end()
            found.append("process \(process.pid) of the ended attempt \(process.attempt) was ended")
        }
        return found
    }

    private func folders() -> [AttemptID: String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: home.attempts)) ?? []
        return Dictionary(
            names.compactMap { name in AttemptID(name).map { ($0, home.attempt(name)) } }, uniquingKeysWith: { $1 })
    }

    /// Ends what the shim of an attempt's folder has running, at once, and waits for its exit.
    func end(_ folder: String) async {
        guard let running = try? workspace.shim().adopt(folder) else { return }
        try? running.cancel(hard: true)
        _ = try? await running.waitForExit()
    }

    /// Ends what a run has running on this host and keeps its output; nobody would record what it does from now on.
    ///
    /// Throws when the database is away: then it is to be done again.
    func stopProcesses(of run: RunRecord) async throws {
        for attempt in try await store.attempts(of: run.id) {
            let folder = home.attempt(attempt.id.description)
            guard access(folder, F_OK) == 0 else { continue }
            await end(folder)
            try await keepOutput(of: attempt.id, in: folder)
        }
    }

    /// Ends what attempts that have ended in the database have running in a task's worktree, before anything begins there.
    ///
    /// A run that nobody owned is cancelled by its rows alone, and whoever was to end its processes may have died before.
    /// `known` are the attempts of the newest run.
    func stopEnded(_ known: [AttemptRecord], ofOthersIn runs: [RunID]) async throws {
        let folders = folders()
        guard !folders.isEmpty else { return }
        var attempts = known
        for run in runs { attempts += try await store.attempts(of: run) }
        for attempt in attempts where attempt.status != .running {
            guard let folder = folders[attempt.id] else { continue }
            await end(folder)
            try await keepOutput(of: attempt.id, in: folder)
        }
    }

    /// What the attempt wrote before its end belongs to its history.
    private func keepOutput(of attempt: AttemptID, in folder: String) async throws {
        do {
            _ = try await LogCompletion(store: store, attempt: attempt, folder: folder).run()
        } catch  where DatabaseAbsence.explains(error) {
            throw error
        } catch {
            // Damaged or gone: nothing is left that could be kept.
        }
        try? FileManager.default.removeItem(atPath: folder)
    }
}

extension Workspace {
    var rescuer: Rescuer { Rescuer(workspace: self) }
}
