import CPlatform
import Glibc

extension Worktree {
    /// Checks `tip` out again, on `branch` (a short name), for a directory that is gone; `place` puts it there.
    ///
    /// Beside its place, and never in it: what is cut off in the middle would pass for a directory in which somebody had
    /// deleted all other files, and the next checkpoint would commit that. Returns what was made, which shares the
    /// administrative folder with the worktree. After an error nothing is left of it but that folder.
    package func rebuildDirectory(branch: String, tip: ObjectID) throws(GitError) -> Worktree {
        try checkNames()
        try Directory.createParents(of: path)
        let draft = Worktree(hub: hub, name: name, path: draftPath)
        // What a crash left of an earlier try.
        Directory.removeTree(draft.path)
        guard mkdir(draft.path, 0o777) == 0 else {
            throw .system("create the directory '\(draft.path)'", errno: errno)
        }
        do throws(GitError) {
            _ = try draft.repairAdmin(branch: branch, tip: tip)
            try draft.writeLink()
            _ = try Checkout(worktree: draft, commit: tip).run()
        } catch {
            Directory.removeTree(draft.path)
            throw error
        }
        return draft
    }

    /// Gives a rebuilt directory the worktree's path, on the disk as a whole; throws when anything is there already.
    package func place(_ draft: Worktree) throws(GitError) {
        let operation = "put the rebuilt directory at '\(path)'"
        let root = runner_open(draft.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard root >= 0 else { throw .system(operation, errno: errno) }
        defer { close(root) }
        try moveIndex(from: draft.path)
        try Directory.write(Array("\(linkPath)\n".utf8), to: adminPath + "/gitdir")
        guard runner_syncfs(root) == 0 else { throw .system(operation, errno: errno) }
        guard runner_renameat2_noreplace(draft.path, path) == 0 else { throw .system(operation, errno: errno) }
    }

    private var draftPath: String {
        let end = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        return path[..<end] + ".rebuilding-" + path[end...]
    }
}
