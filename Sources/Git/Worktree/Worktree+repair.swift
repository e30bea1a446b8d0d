import CPlatform
import Glibc

extension Worktree {
    /// Whether the directory is there; its content is not looked at.
    package var directoryExists: Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Mends the administrative folder after a step that damaged it; true when something had to be mended.
    ///
    /// What is readable stays: only missing or changed link files are written again, a HEAD that cannot be read goes
    /// back to `branch` (a short name), and an index that is gone is read from `tip`. Files are not touched.
    package func repairAdmin(branch: String, tip: ObjectID) throws(GitError) -> Bool {
        try checkNames()
        let isNew = access(adminPath, F_OK) != 0
        if isNew {
            try hub.withLock { () throws(GitError) in try writeAdmin(head: .branch("refs/heads/\(branch)", tip)) }
        }
        var mended = isNew
        if clearStaleLocks() { mended = true }
        for (file, text) in [("gitdir", "\(linkPath)\n"), ("commondir", Self.commonDirectory)]
        where Directory.read("\(adminPath)/\(file)") != Array(text.utf8) {
            try Directory.write(Array(text.utf8), to: "\(adminPath)/\(file)")
            mended = true
        }
        if !hasReadableHead {
            try Directory.write(Array("ref: refs/heads/\(branch)\n".utf8), to: adminPath + "/HEAD")
            mended = true
        }
        if access(adminPath + "/index", F_OK) != 0 { try resetIndex(to: tip) }
        return mended
    }

    private var hasReadableHead: Bool {
        do throws(GitError) {
            _ = try open().head()
            return true
        } catch {
            return false
        }
    }
}
