import CLibgit2
import CPlatform
import Glibc

/// The only configuration that libgit2 obeys here, whatever an agent wrote into the hub's `config`.
///
/// Worktrees share the hub's configuration file, so an agent's `git config core.autocrlf true`, `include.path` or
/// `core.worktree` would otherwise change how the runner reads every task. The text lives in a sealed memory file.
enum TrustedConfiguration {
    static let text = """
        [core]
        \trepositoryformatversion = 0
        \tfilemode = true
        \tsymlinks = true
        \tignorecase = false
        \tautocrlf = false
        \tprotectHFS = true
        \tprotectNTFS = true
        \tlogAllRefUpdates = true

        """

    /// Replaces the configuration of an open repository.
    static func apply(to repository: OpaquePointer) throws(GitError) {
        let path = "/proc/self/fd/\(try descriptor.get())"
        let configuration = try gitPointer("make a configuration") { git_config_new(&$0) }
        defer { git_config_free(configuration) }
        try git("read the trusted configuration") {
            git_config_add_file_ondisk(configuration, path, GIT_CONFIG_LEVEL_LOCAL, repository, 0)
        }
        try git("set the trusted configuration") { git_repository_set_config(repository, configuration) }
    }

    private static let descriptor = Result<Int32, GitError> { () throws(GitError) in
        let descriptor = runner_memfd_create("runner-git-config")
        guard descriptor >= 0 else { throw .system("make the trusted configuration", errno: errno) }
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw .system("write the trusted configuration", errno: errno)
        }
        _ = runner_seal_memfd(descriptor)
        return descriptor
    }
}
