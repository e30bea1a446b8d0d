import CPlatform
import Glibc

/// A worktree that was made beforehand: checked out, detached, used by nobody, and used once at most.
///
/// It is never one that somebody had before: what a step left in a directory must not meet the next task.
package struct Spare: Sendable, Hashable {
    package let worktree: Worktree
    /// What its files and its index hold.
    package let commit: ObjectID

    private static let prefix = "spare-"
    /// Written last: a spare without it was not finished.
    private static let marker = "runner-spare"

    /// Makes a spare of `commit` below `folder` (one folder a repository), on one thread.
    ///
    /// Blocks as long as a checkout takes; after an error nothing is left of it.
    package static func make(hub: Hub, folder: String, commit: ObjectID) throws(GitError) -> Spare {
        let id = String(UInt32.random(in: .min ... .max), radix: 36)
        let worktree = Worktree(hub: hub, name: prefix + id, path: "\(folder)/\(id)")
        try worktree.checkNames()
        do throws(GitError) {
            try hub.withLock { () throws(GitError) in
                try Directory.createParents(of: worktree.path)
                guard mkdir(worktree.path, 0o777) == 0 else {
                    throw .system("create the directory '\(worktree.path)'", errno: errno)
                }
                try worktree.writeAdmin(head: .detached(commit))
                try worktree.writeLink()
            }
            _ = try Checkout(worktree: worktree, commit: commit, threads: 1).run()
            let spare = Spare(worktree: worktree, commit: commit)
            try spare.mark()
            return spare
        } catch {
            Directory.removeTree(worktree.path)
            Directory.removeTree(worktree.adminPath)
            throw error
        }
    }

    /// The finished spares below `folder`.
    package static func list(hub: Hub, folder: String) -> [Spare] {
        names(in: folder).compactMap { id in
            let worktree = Worktree(hub: hub, name: prefix + id, path: "\(folder)/\(id)")
            guard let text = Directory.read("\(worktree.adminPath)/\(marker)"),
                let commit = ObjectID(String(decoding: text.dropLast(), as: UTF8.self)), worktree.directoryExists
            else { return nil }
            return Spare(worktree: worktree, commit: commit)
        }
    }

    /// Takes away what killed makers and claims left below `folder`; for the one process that makes spares there.
    package static func purge(hub: Hub, folder: String) throws(GitError) {
        let finished = Set(list(hub: hub, folder: folder).map(\.worktree.name))
        try hub.withLock { () throws(GitError) in
            for id in names(in: folder) where !finished.contains(prefix + id) {
                Directory.removeTree("\(folder)/\(id)")
            }
            for name in names(in: hub.path + "/worktrees") where name.hasPrefix(prefix) && !finished.contains(name) {
                Directory.removeTree("\(hub.path)/worktrees/\(name)")
            }
        }
    }

    /// Brings the spare to `commit`, writing only what differs; it cannot be claimed meanwhile.
    package func follow(_ commit: ObjectID) throws(GitError) -> Spare {
        try worktree.hub.withLock { () throws(GitError) in
            guard unlink(markerPath) == 0 else { throw .system("take the spare '\(worktree.name)'", errno: errno) }
        }
        do throws(GitError) {
            try Directory.write(Array("\(commit)\n".utf8), to: worktree.adminPath + "/HEAD")
            _ = try Checkout(worktree: worktree, commit: commit, threads: 1).update()
            let spare = Spare(worktree: worktree, commit: commit)
            try spare.mark()
            return spare
        } catch {
            Directory.removeTree(worktree.path)
            Directory.removeTree(worktree.adminPath)
            throw error
        }
    }

    /// Takes the spare away; false when it was claimed in the meantime.
    package func remove() throws(GitError) -> Bool {
        try worktree.hub.withLock { () throws(GitError) in
            guard unlink(markerPath) == 0 else { return false }
            Directory.removeTree(worktree.path)
            Directory.removeTree(worktree.adminPath)
            return true
        }
    }

    /// Turns the spare into `target` by renames, with `head`; for holders of the hub's lock.
    ///
    /// False, with nothing changed, when it is no spare any more. After an error the caller removes what has the
    /// target's names; the rest is purged.
    func move(to target: Worktree, head: GitRepository.Head) throws(GitError) -> Bool {
        // Who follows or removes a spare takes its marker first, under the same lock; here it may stay, since only what
        // has a spare's name is one.
        guard access(markerPath, F_OK) == 0 else { return false }
        guard runner_renameat2_noreplace(worktree.adminPath, target.adminPath) == 0 else {
            throw .system("create the worktree '\(target.name)'", errno: errno)
        }
        // A claim that is cut off here leaves nothing that is used: its files need not be whole at every moment.
        try target.writeAdminFiles(head: head, by: Directory.overwrite)
        guard runner_renameat2_noreplace(worktree.path, target.path) == 0 else {
            throw .system("create the directory '\(target.path)'", errno: errno)
        }
        try Directory.overwrite(target.expectedLink, at: target.linkPath)
        return true
    }

    private var markerPath: String { "\(worktree.adminPath)/\(Self.marker)" }

    private func mark() throws(GitError) {
        try Directory.write(Array("\(commit)\n".utf8), to: markerPath)
    }

    private static func names(in folder: String) -> [String] {
        let descriptor = runner_open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return [] }
        return (Directory.names(closing: descriptor) ?? []).compactMap { String(validating: $0, as: UTF8.self) }
            .sorted()
    }
}
