import BlockingIO
import CPlatform
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Repacks a hub, drops what nothing reaches any more, contents of large files included, writes the commit graph
/// and packs the references.
///
/// All but the large files with the `git` binary.
///
/// Roots are all references, `HEAD`, index, logs and references of every worktree, which git itself looks at, and the
/// states of merges, rebases and bisects in progress, which get references for as long as it takes. Young objects
/// stay: somebody may be about to name them.
struct HubMaintenance: Sendable {
    let workspace: Workspace
    let settings: CleanupSettings

    /// While a run goes on, objects younger than this stay, whatever the settings say.
    private static let ageDuringRuns = Duration.seconds(86_400)
    /// Nobody writes one file for so many seconds: a day.
    private static let leftoverAge = 86_400
    /// Seconds for which the folder of a restored copy must be missing before Git's entry of it goes: two weeks.
    private static let copyPatience = 14 * 86_400
    /// More packs than this are made one.
    private static let packLimit = 30

    /// Notes that there is something to drop in a hub.
    static func ask(for hub: Hub) {
        close(runner_open(hub.path + "/runner.prune", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600))
    }

    /// Looks after every hub of this host that needs it; throws for the first that could not be, after the others.
    func runOnce() async throws {
        var failures = FailureLog()
        for repository in try await workspace.store.repositories() {
            try await failures.note { try await look(after: repository) }
        }
        try failures.finish()
    }

    private func look(after repository: Repository) async throws {
        let hub = Hub(path: workspace.home.hub(repository.id.description))
        guard access(hub.path, F_OK) == 0 else { return }
        try await workspace.lane.run {
            _ = try RestoredCopy.forgetGone(in: hub, patience: HubMaintenance.copyPatience)
        }
        guard isDue(hub) else { return }
        // No snapshot is written meanwhile: it relies on objects that are there.
        guard let lock = try await JanitorLock.take(in: workspace.home, waits: true) else { return }
        defer { lock.release() }
        let fetching = try await RegistrationLock.take(in: workspace.home, identity: repository.identity)
        defer { fetching.release() }
        try await maintain(repository, hub)
    }

    /// What `git` is told; a date, because it takes more seconds ago than there are since 1970 for a time to come.
    static func expiry(_ age: Duration, now: Date) -> String {
        guard age > .zero else { return "now" }
        return "@\(max(1, Int(now.timeIntervalSince1970) - Int(age.inSeconds))) +0000"
    }

    private func isDue(_ hub: Hub) -> Bool {
        var facts = stat()
        let isAsked = access(hub.path + "/runner.prune", F_OK) == 0
        let packs = (try? FileManager.default.contentsOfDirectory(atPath: hub.path + "/objects/pack")) ?? []
        guard isAsked || packs.count(where: { $0.hasSuffix(".pack") }) > Self.packLimit else { return false }
        guard stat(hub.path + "/runner.maintained", &facts) == 0 else { return true }
        return Date().timeIntervalSince1970 - Double(facts.st_mtim.tv_sec) >= settings.maintenanceInterval.inSeconds
    }

    private func maintain(_ repository: Repository, _ hub: Hub) async throws {
        try await workspace.repositories.secureHub(repository)
        let busy = try await workspace.store.environments(
            EnvironmentFilter(
                host: HostIdentity.hostname, statuses: [.initializing, .running, .testing],
                repositoryID: repository.id))
        let age = busy.isEmpty ? settings.pruneAge : max(settings.pruneAge, Self.ageDuringRuns)
        let expiry = HubMaintenance.expiry(age, now: Date())
        let anchors = try await workspace.lane.run {
            try HubMaintenance.keepShared(hub)
            try hub.removeLeftovers(age: HubMaintenance.leftoverAge)
            return try hub.anchorStates()
        }
        let git = GitCommand(transports: "file", environment: workspace.settings.environment)
        var commands = [
            ["repack", "-A", "-d", "-l", "-q", "--unpack-unreachable=\(expiry)"],
            ["prune", "--expire=\(expiry)"],
            ["commit-graph", "write", "--reachable", "--no-progress"],
        ]
        // Nobody who updates a reference is to meet the lock of one.
        if busy.isEmpty { commands.append(["pack-refs", "--all"]) }
        var failure: String?
        // Without a word of it git gives up at the first object that a partial clone lacks.
        let promise =
            hub.isPartial ? ["-c", "remote.origin.promisor=true", "-c", "repack.writeBitmaps=false"] : []
        for command in commands where failure == nil {
            let result = try await git.run(promise + command, in: hub.path)
            if result.status != 0 { failure = "git \(command[0]): \(result.messages)" }
        }
        try await workspace.lane.run { try hub.releaseStates(anchors) }
        if let failure {
            throw EngineError(
                .internalFault, "the clone of \"\(repository.name)\" was not tidied: \(failure)", hint: nil)
        }
        // A step's own git-lfs may count on what is there.
        if busy.isEmpty {
            let age = Int(settings.pruneAge.inSeconds)
            _ = try await BackgroundThread.run(.idle) { try hub.pruneLargeFiles(age: age) }
        }
        unlink(hub.path + "/runner.prune")
        close(runner_open(hub.path + "/runner.maintained", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600))
        utimes(hub.path + "/runner.maintained", nil)
    }

    /// Packs that a local origin shares by hard links cost nothing as long as they stay as they are.
    private static func keepShared(_ hub: Hub) throws {
        let folder = hub.path + "/objects/pack"
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(".pack") {
            var facts = stat()
            guard lstat("\(folder)/\(name)", &facts) == 0 else { continue }
            let keep = "\(folder)/\(name.dropLast(5)).keep"
            if facts.st_nlink > 1 {
                close(runner_open(keep, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600))
            } else {
                unlink(keep)
            }
        }
    }
}
