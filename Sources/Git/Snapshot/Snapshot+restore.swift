import CPlatform
import Glibc

extension Snapshot {
    /// Brings a worktree back to `worktree.path`, which must be missing or empty, with its administrative folder.
    ///
    /// Bytes, modes, times, links, empty folders, the index, and merges, rebases or bisects in progress are as they
    /// were; the result is compared with the manifest before it appears under its name, all at once. A branch or a
    /// stash that was deleted meanwhile is made again; one that moved is left where it is. Lock files of Git are left
    /// out. After an error nothing is left. Throws `.exists` when the directory or the worktree is there.
    package static func restore(_ reference: String, to worktree: Worktree) throws(GitError) -> SnapshotRestoration {
        try SnapshotRestorer(reference, worktree).run()
    }

    /// Makes only the administrative folder again, for a directory that was put back at `worktree.path` unchanged.
    package static func restoreAdmin(_ reference: String, of worktree: Worktree) throws(GitError) {
        let restorer = try SnapshotRestorer(reference, worktree)
        try restorer.makeAdmin()
        guard try worktree.repairLink() else {
            throw GitError(
                code: .modified, operation: "restore the worktree '\(worktree.name)'",
                message: "'\(worktree.linkPath)' is not the link of this worktree")
        }
    }
}
