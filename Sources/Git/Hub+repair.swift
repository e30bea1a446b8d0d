import CLibgit2
import Glibc

extension Hub {
    /// Whether `git` takes it for a repository: all worktrees share its folders, and one step can delete them.
    package var isWhole: Bool {
        access(path + "/objects", F_OK) == 0 && access(path + "/refs", F_OK) == 0 && hasReadableHead
    }

    /// Makes the hub anew, or what it lacks of a repository; true when something was missing. Its owner may use it again.
    ///
    /// What was in it comes back with the next fetch as far as the origin has it.
    package func repairFolders() throws(GitError) -> Bool {
        guard access(path, F_OK) == 0 else {
            _ = try Hub.create(at: path)
            return true
        }
        _ = repairAccess()
        guard !isWhole else { return false }
        for folder in ["objects", "refs"] {
            guard mkdir("\(path)/\(folder)", 0o700) == 0 || errno == EEXIST else {
                throw .system("create the folder '\(path)/\(folder)'", errno: errno)
            }
        }
        // Where the next fetch points it is not known here.
        if !hasReadableHead { try Directory.write(Array("ref: refs/heads/master\n".utf8), to: path + "/HEAD") }
        return true
    }

    private var hasReadableHead: Bool {
        guard let bytes = Directory.read(path + "/HEAD") else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasPrefix("ref: refs/") || ObjectID(String(text.prefix(40))) != nil
    }

    /// Writes the configuration anew where it keeps `git` from working in every worktree; true when it did.
    ///
    /// Worktrees share it, and one step's `git config core.worktree` would stop all tasks of the repository for good. What
    /// else a step configured stays.
    package func repairConfiguration() throws(GitError) -> Bool {
        try GitLibrary.start()
        guard isConfigurationBroken else { return false }
        return try resetConfiguration()
    }

    /// Takes away the locks that a killed `git` left; true when there was one. Each must have stood unchanged for a second.
    ///
    /// Worktrees share them: `git config`, `git branch -d` and `git gc` would fail in every task of the repository for good.
    /// `branch` is a short name.
    package func clearStaleLocks(branch: String) -> Bool {
        StaleLock.clear(
            ["config.lock", "packed-refs.lock", "shallow.lock", "refs/heads/\(branch).lock"], in: path)
    }

    private var isConfigurationBroken: Bool {
        guard let bytes = Directory.read(path + "/config", limit: 1 << 20) else { return true }
        // As we wrote it, mostly, and then nothing is to be parsed.
        if bytes == expectedConfiguration { return false }
        var configuration: OpaquePointer?
        guard git_config_open_ondisk(&configuration, path + "/config") == 0, let configuration else {
            git_error_clear()
            return true
        }
        defer {
            git_config_free(configuration)
            git_error_clear()
        }
        var entry: UnsafeMutablePointer<git_config_entry>?
        if git_config_get_entry(&entry, configuration, "core.worktree") == 0 {
            git_config_entry_free(entry)
            return true
        }
        var version: Int32 = 0
        let result = git_config_get_int32(&version, configuration, "core.repositoryformatversion")
        return result == GIT_ENOTFOUND.rawValue ? false : result < 0 || !(0...1).contains(version)
    }
}
