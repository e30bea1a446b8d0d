import CPlatform
import Foundation
import Git
import Glibc
import RunnerCore
import Store

/// Keeps fresh worktrees ready for the repositories in use, so that a start has little to write.
///
/// Works on a thread of low priority and never under the feet of a start. One keeper works on a repository at a time.
struct SpareKeeper: Sendable {
    let workspace: Workspace
    /// Spares of a repository whose settings say nothing.
    let defaultCount: Int

    /// How often `run` looks at all repositories; a fetch between is followed with the next look.
    static let interval = Duration.seconds(15)
    /// From a claim until another spare is made: the start that claimed it has begun its first step by then.
    static let respite = Duration.milliseconds(250)
    /// Repositories that were not fetched for this long, as starts do, get none where their settings do not ask for some;
    /// those they have go.
    static let idleLimit: TimeInterval = 14 * 86_400
    /// Bytes that the spares of one repository may take.
    static let diskBudget = 4 << 30
    /// Free space below which no spare is made, in bytes.
    static let reserve = 2 << 30

    /// Looks again and again until the task is cancelled, and soon after a spare was claimed.
    func run() async {
        let watch = SpareWatch()
        defer { watch.stop() }
        while !Task.isCancelled {
            _ = try? await runOnce(watch: watch)
            let nextRound = ContinuousClock.now + SpareKeeper.interval
            while !Task.isCancelled, case let rest = nextRound - .now, rest > .zero {
                await watch.bell.wait(atMost: rest)
                guard ContinuousClock.now < nextRound else { break }
                try? await Task.sleep(for: SpareKeeper.respite)
                _ = try? await runOnce(only: watch.takeClaimed(), watch: watch)
            }
        }
    }

    /// Brings every repository's spares, or those of `only`, to the wanted count and commit; returns how many were made
    /// or moved on.
    ///
    /// `watch` hears of their claims from now on.
    @discardableResult
    func runOnce(only: Set<RepositoryID>? = nil, watch: SpareWatch? = nil) async throws -> Int {
        var changed = 0
        // The disk first: what is made in between is of a repository that is known by then.
        let present = only == nil ? SparePlace.present(in: workspace.home) : []
        let repositories = try await workspace.store.repositories()
        for id in present.subtracting(repositories.map(\.id)) {
            SparePlace(home: workspace.home, repository: id).remove()
        }
        for repository in repositories where repository.status == .active {
            if Task.isCancelled { break }
            guard only?.contains(repository.id) != false else { continue }
            let isInUse = repository.fetchedAt.map { -$0.timeIntervalSinceNow < SpareKeeper.idleLimit } ?? true
            let usual = isInUse ? defaultCount : 0
            let wanted = repository.settings.sparse == nil ? repository.settings.spares ?? usual : 0
            guard
                let base = try? await workspace.repositories.base(
                    of: repository, requested: nil, typed: repository.url)
            else { continue }
            let place = SparePlace(home: workspace.home, repository: repository.id)
            changed += try await BackgroundThread.run(.idle) {
                try SpareKeeper.tend(place, wanted: min(wanted, 16), commit: base.commit) {
                    watch?.watch(place.folder, of: repository.id)
                }
            }
        }
        return changed
    }

    /// `watch` is called before anything is counted, so that no claim is missed.
    private static func tend(_ place: SparePlace, wanted: Int, commit: ObjectID, watch: () -> Void) throws -> Int {
        guard access(place.hub.path, F_OK) == 0 else { return 0 }
        if wanted == 0, access(place.folder, F_OK) != 0 { return 0 }
        try place.makeFolder()
        watch()
        guard let lock = try LockedDescriptor(path: place.lock, waits: false) else { return 0 }
        defer { lock.release() }
        try Spare.purge(hub: place.hub, folder: place.folder)
        var changed = 0
        var spares = Spare.list(hub: place.hub, folder: place.folder)
        while spares.count > wanted, let last = spares.popLast() { _ = try last.remove() }
        for spare in spares where spare.commit != commit {
            // Claimed in this moment: fine, that is what it is for.
            guard let moved = try? spare.follow(commit) else { continue }
            changed += moved.commit == commit ? 1 : 0
        }
        guard spares.count < wanted else { return changed }
        let size = try checkoutSize(place.hub, commit)
        for count in spares.count..<wanted {
            guard (count + 1) * size <= diskBudget, freeBytes(place.folder) > reserve + size else { break }
            _ = try Spare.make(hub: place.hub, folder: place.folder, commit: commit)
            changed += 1
        }
        return changed
    }

    private static func checkoutSize(_ hub: Hub, _ commit: ObjectID) throws -> Int {
        let pointed = hub.largeFiles == nil ? 0 : try hub.largeFiles(in: commit).reduce(0) { $0 + $1.pointer.size }
        return try hub.open().checkoutSize(of: commit) + pointed
    }

    private static func freeBytes(_ path: String) -> Int {
        var facts = statvfs()
        return statvfs(path, &facts) == 0 ? Int(facts.f_bavail) * Int(facts.f_frsize) : 0
    }
}

extension Workspace {
    /// The keeper of a daemon; without one, repositories have only the spares that their settings ask for.
    func spareKeeper(defaultCount: Int = 1) -> SpareKeeper {
        SpareKeeper(workspace: self, defaultCount: defaultCount)
    }
}
