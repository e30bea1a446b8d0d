import CPlatform
import Glibc

extension Worktree {
    /// Removes the administrative folder; the directory, the branch and all other references stay. None there is fine.
    package func removeAdmin() throws(GitError) {
        try checkNames()
        try hub.withLock { () throws(GitError) in
            var status = stat()
            if lstat(adminPath, &status) != 0, errno == ENOENT { return }
            // A step may have taken the right to write from a folder in it.
            try TreeRemoval.remove(
                Array(name.utf8), in: try DirectoryHandle.open("\(hub.path)/worktrees"), expected: nil)
        }
    }

    /// Makes the administrative folder and the link file anew, for a directory that is being restored.
    ///
    /// Makes the directory where it is missing. There is no index yet; `resetIndex` writes one. Throws `.exists` when
    /// the folder is there.
    package func recreateAdmin(head: GitRepository.Head) throws(GitError) {
        try checkNames()
        try hub.withLock { () throws(GitError) in
            try Directory.createParents(of: linkPath)
            try writeAdmin(head: head)
            do throws(GitError) {
                try writeLink()
            } catch {
                Directory.removeTree(adminPath)
                throw error
            }
        }
    }

    /// Makes `<hub>/worktrees/<name>` as `git worktree add` does; throws `.exists` when the name is taken.
    ///
    /// Written here and not by `git_worktree_add`, which scans the whole tree even when told to check nothing out,
    /// and which cannot make the folder of a directory that exists.
    func writeAdmin(head: GitRepository.Head) throws(GitError) {
        guard mkdir("\(hub.path)/worktrees", 0o777) == 0 || errno == EEXIST else {
            throw .system("create '\(hub.path)/worktrees'", errno: errno)
        }
        guard mkdir(adminPath, 0o777) == 0 else { throw .system("create the worktree '\(name)'", errno: errno) }
        do throws(GitError) {
            try Directory.write(Array(Self.commonDirectory.utf8), to: adminPath + "/commondir")
            try writeAdminFiles(head: head)
        } catch {
            Directory.removeTree(adminPath)
            throw error
        }
    }

    /// Writes where the directory is and where HEAD is.
    func writeAdminFiles(
        head: GitRepository.Head, by write: ([UInt8], String) throws(GitError) -> Void = Directory.write
    ) throws(GitError) {
        let target =
            switch head {
            case .branch(let reference, _): "ref: \(reference)\n"
            case .detached(let id): "\(id)\n"
            }
        try write(Array("\(linkPath)\n".utf8), adminPath + "/gitdir")
        try write(Array(target.utf8), adminPath + "/HEAD")
    }

    /// Removes all that a checkout wrote, the link file too, and writes the link file again.
    func emptyDirectory() throws(GitError) {
        Directory.removeTree(path)
        guard mkdir(path, 0o777) == 0 else { throw .system("create the directory '\(path)'", errno: errno) }
        try writeLink()
    }

    /// Refuses names and paths that would reach outside the hub or break the link files.
    func checkNames() throws(GitError) {
        let operation = "use the worktree '\(name)' at '\(path)'"
        let isControl: (UInt8) -> Bool = { $0 < 0x20 || $0 == 0x7F }
        guard !name.isEmpty, !name.hasPrefix("."), !name.utf8.contains(0x2F), !name.utf8.contains(where: isControl)
        else {
            throw GitError(code: .invalidName, operation: operation, message: "the name is not a plain file name")
        }
        guard path.hasPrefix("/"), !path.hasSuffix("/"), !path.utf8.contains(where: isControl) else {
            throw GitError(code: .invalidName, operation: operation, message: "the path is not an absolute plain path")
        }
    }
}
