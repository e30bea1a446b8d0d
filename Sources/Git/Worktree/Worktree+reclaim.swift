import CLibgit2
import Glibc

extension Worktree {
    /// Takes away what a killed `add` left in the hub: the administrative folder, a lock, the branch (a short name).
    ///
    /// The directory is the caller's. A branch that is not at `base` any more was used by somebody and stays. For
    /// environments that were never finished only; repeating it is fine.
    package func reclaim(branch: String, base: ObjectID?) throws(GitError) {
        try checkNames()
        let reference = "refs/heads/" + branch
        try hub.withLock { () throws(GitError) in
            Directory.removeTree(adminPath)
            guard access(adminPath, F_OK) != 0 else {
                throw GitError(
                    code: .generic, operation: "remove '\(adminPath)'", message: SystemFailure.text(errno))
            }
            // Task branches are only made under the hub's lock, so its lock file is nobody's now.
            unlink("\(hub.path)/\(reference).lock")
            let repository = try hub.open()
            guard let base, try repository.reference(reference) == base else { return }
            try repository.deleteReference(reference, expecting: base)
        }
    }

    /// Takes away locks of `git` processes that were killed; each must have stood unchanged for a second.
    ///
    /// For use between steps only, when no agent runs in the worktree. True when there was one.
    func clearStaleLocks() -> Bool {
        StaleLock.clear(["index.lock", "HEAD.lock"], in: adminPath)
    }
}
