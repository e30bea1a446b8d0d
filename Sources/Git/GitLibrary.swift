import CLibgit2

/// The process-wide state of libgit2: started once, deaf to every configuration but ours.
package enum GitLibrary {
    /// Starts libgit2 on first use; every door of this module calls it, so nobody else has to.
    static func start() throws(GitError) {
        try started.get()
    }

    /// The version of libgit2 that is loaded, as `1.5.1`.
    package static var version: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        git_libgit2_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    private static let started = Result<Void, GitError> { () throws(GitError) in
        try git("start libgit2") { git_libgit2_init() }
        let levels = [
            GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
        ]
        for level in levels {
            try git("blank the configuration search path") { runner_git_opts_set_search_path(level.rawValue, "") }
        }
        // Repositories are opened by a trusted path of ours; a hub below another user's folder must still open.
        try git("set owner validation") { runner_git_opts_set_owner_validation(0) }
        // `git sparse-checkout` by an agent adds this extension to the shared configuration, and libgit2 1.5 would
        // then refuse every worktree of the hub. What it switches on (config.worktree) is not read here anyway.
        // The other one says that a clone may lack objects, which changes nothing for those that are there.
        try git("allow extensions") { runner_git_opts_allow_extensions("worktreeconfig", "partialclone") }
        try IdentFilter.install()
    }
}
