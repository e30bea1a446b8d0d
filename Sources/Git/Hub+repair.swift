import CLibgit2

extension Hub {
    /// Writes the configuration anew where it keeps `git` from working in every worktree; true when it did.
    ///
    /// Worktrees share it, and one step's `git config core.worktree` would stop all tasks of the repository for good. What
    /// else a step configured stays.
    package func repairConfiguration() throws(GitError) -> Bool {
        try GitLibrary.start()
        guard isConfigurationBroken else { return false }
        return try resetConfiguration()
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
