import BlockingIO
import CPlatform
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Removes worktrees whose time has come, never before a verified snapshot of all that is in them exists.
///
/// The one path for the daemon, for commands in passing and for `runner clean`. docs/state-machines.md has the states.
struct Janitor: Sendable {
    /// Which environments a round looks at.
    enum Choice: Sendable {
        case due
        /// Also those that are not due, and whatever was done in them.
        case these([(EnvironmentRecord, taskNumber: Int)])
    }

    let workspace: Workspace

    var home: RunnerHome { workspace.home }
    var store: Store { workspace.store }

    func settings() throws -> CleanupSettings {
        try CleanupSettings(environment: workspace.settings.environment)
    }

    /// Takes up what a crash left, then removes what can go of the chosen environments, at most `limit` of them.
    ///
    /// One janitor works on a host at a time; with `waits: false` nothing is done while another one does, or when the
    /// last one was here less than a minute ago.
    func run(
        _ choice: Choice, dryRun: Bool, waits: Bool, limit: Int = .max, reason: String? = nil, explains: Bool = false
    ) async throws -> [CleanupReport] {
        let lock = dryRun ? nil : try await JanitorLock.take(in: home, waits: waits)
        if !dryRun, lock == nil { return [] }
        defer { lock?.release() }
        var reports = dryRun ? [] : try await resume()
        let done = Set(reports.map(\.task))
        let candidates = try await candidates(choice).filter { !done.contains($0.taskNumber) }
        for (listed, number) in candidates.prefix(max(0, limit - reports.count)) {
            // Another janitor may have had it while this one waited.
            let newest = try await store.environment(of: listed.taskID)
            let environment = newest?.id == listed.id ? newest ?? listed : listed
            let asked = if case .these = choice { true } else { false }
            var facts: CleanupFacts?
            if explains { facts = try await Explanation(workspace: workspace).facts(of: environment, task: number) }
            var report = try await handle(environment, task: number, asked: asked, dryRun: dryRun, reason: reason)
            report.facts = facts
            reports.append(report)
        }
        return reports
    }

    private func candidates(_ choice: Choice) async throws -> [(EnvironmentRecord, taskNumber: Int)] {
        switch choice {
        case .due:
            try await store.environments(
                EnvironmentFilter(host: HostIdentity.hostname, dueOnly: true, statuses: [.idle]))
        case .these(let chosen): chosen
        }
    }

    /// Removes one environment of this host after a verified snapshot, although its deadline is not over.
    func remove(_ environment: EnvironmentRecord, of task: TaskRecord) async throws -> CleanupReport {
        let lock = try await JanitorLock.take(in: home, waits: true)
        defer { lock?.release() }
        _ = try await store.setEnvironmentStatus(
            environment.id, from: [.initializing, .running, .testing], to: .idle)
        let current = try await store.environments(EnvironmentFilter(host: environment.host)).map(\.0)
            .first { $0.id == environment.id }
        return try await handle(
            current ?? environment, task: task.number, asked: true, dryRun: false, reason: nil)
    }

    func handle(
        _ environment: EnvironmentRecord, task: Int, asked: Bool, dryRun: Bool, reason: String?
    ) async throws -> CleanupReport {
        var report = CleanupReport(
            task: task, path: environment.worktreePath, branch: environment.branch, outcome: .kept)
        if let reason = Janitor.standing(environment) {
            report.reasons = [reason]
            return report
        }
        guard home.has(environment) else {
            report.reasons = ["it is of another data folder than \(home.root)"]
            return report
        }
        let worktree = worktree(of: environment)
        if !Janitor.isAnythingAt(worktree.path) {
            return try await vanish(environment, worktree, report, dryRun: dryRun)
        }
        if !asked, let activity = try await activity(in: environment, worktree) {
            report.reasons = ["it is kept until \(Janitor.text(activity.until)): \(activity.what)"]
            report.postponedUntil = activity.until
            if !dryRun { try await postpone(environment, activity) }
            return report
        }
        let expected = try await identity(of: environment)
        report.reasons = try await workspace.lane.run { try refusals(worktree, expected, deep: true) }
        guard report.reasons.isEmpty else { return report }
        if dryRun {
            report.outcome = .removable
            return report
        }
        guard try await store.beginRemoval(environment.id, reason: reason) else {
            report.reasons = ["its state changed just now"]
            return report
        }
        CrashPoint.reach(.expiring)
        var begun = environment
        (begun.status, begun.removal, begun.removalReason) = (.cleaning, .expiring, reason)
        return try await remove(begun, worktree, expected, report)
    }

    /// Why the row alone forbids a removal.
    static func standing(_ environment: EnvironmentRecord) -> String? {
        if environment.host != HostIdentity.hostname { return "it is on the host \"\(environment.host)\"" }
        if environment.kept { return "it is kept for ever; say runner keep --for to give it a deadline again" }
        if environment.lockedAt != nil {
            return "it is locked\(environment.lockReason.map { " (\($0))" } ?? ""); say runner env unlock first"
        }
        switch environment.status {
        case .idle, .cleaning: return nil
        case .terminated: return "it was removed before"
        case .initializing, .running, .testing: return "its run is going on"
        }
    }

    func worktree(of environment: EnvironmentRecord) -> Worktree {
        environment.worktree(in: Hub(path: home.hub(environment.repositoryID.description)))
    }

    func identity(of environment: EnvironmentRecord) async throws -> DirectoryIdentity? {
        try await store.directory(of: environment.id).map { DirectoryIdentity(device: $0.device, inode: $0.inode) }
    }

    func refusals(_ worktree: Worktree, _ recorded: DirectoryIdentity?, deep: Bool) throws -> [String] {
        let expected = try recorded ?? DirectoryIdentity(of: worktree.path)
        // A worktree that a person moved elsewhere is beneath the folder that holds it now.
        let isOurs = BytePath(worktree.path).isWithin(BytePath(home.worktrees))
        let root = isOurs ? home.worktrees : String(decoding: BytePath(worktree.path).parent.bytes, as: UTF8.self)
        return Gates.check(worktree, beneath: root, expected: expected, deep: deep).map(\.sentence)
    }

    /// True for a link that leads nowhere too, and where it cannot be told, as in a folder of another user's.
    static func isAnythingAt(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 || ![ENOENT, ENOTDIR].contains(errno)
    }

    static func text(_ moment: Date) -> String {
        moment.formatted(
            .iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false))
    }
}
