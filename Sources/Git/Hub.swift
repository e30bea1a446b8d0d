import CLibgit2
import CPlatform
import Glibc

/// The bare repository in which all worktrees of one origin live, by its path.
package struct Hub: Sendable, Hashable {
    /// Absolute.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// Makes an empty hub at `path`, readable by its owner only; throws `.exists` when something is there.
    ///
    /// No template and no hook comes from the machine; the configuration is `configuration`, byte for byte.
    package static func create(at path: String) throws(GitError) -> Hub {
        try GitLibrary.start()
        try Directory.createParents(of: path)
        guard mkdir(path, 0o700) == 0 else { throw .system("create the hub '\(path)'", errno: errno) }
        do throws(GitError) {
            let repository = try gitPointer("create the hub '\(path)'") { git_repository_init(&$0, path, 1) }
            git_repository_free(repository)
            // libgit2 brings a sample of its own.
            Directory.removeTree(path + "/hooks")
            try Directory.write(Array(configuration.utf8), to: path + "/config")
        } catch {
            Directory.removeTree(path)
            throw error
        }
        return Hub(path: path)
    }

    /// Opens the hub by its own path; nothing above or around it is searched.
    package func open() throws(GitError) -> GitRepository {
        try GitRepository(gitDirectory: path, bare: true)
    }

    /// Puts HEAD at a commit: a hub has no branch of its own to be on, and git would call it unborn.
    package func pointHead(at commit: ObjectID) throws(GitError) {
        try withLock { () throws(GitError) in
            let repository = try open()
            if try repository.head() != .detached(commit) { try repository.setReference("HEAD", to: commit) }
        }
    }

    /// Writes the configuration anew where somebody changed it: worktrees share it, and an agent in one can make the
    /// `git` binary run a command of its choice (`core.sshCommand`) or go elsewhere (`url.*.insteadOf`).
    ///
    /// For right before the `git` binary runs in the hub; true when there was something to undo.
    package func resetConfiguration() throws(GitError) -> Bool {
        try withLock { () throws(GitError) in
            let expected = expectedConfiguration
            guard Directory.read(path + "/config") != expected else { return false }
            try Directory.write(expected, to: path + "/config")
            return true
        }
    }

    /// The whole of the configuration as the runner writes it.
    var expectedConfiguration: [UInt8] {
        let largeFiles = largeFileUse == nil ? "" : Self.largeFileConfiguration
        return Array((Self.configuration + largeFiles + identityConfiguration).utf8)
    }

    /// What the `git` binary reads in a fresh hub.
    ///
    /// A mirror refspec is never used: with prune it would delete task branches.
    package static let configuration = """
        [core]
        \trepositoryformatversion = 0
        \tfilemode = true
        \tbare = true
        \tprotectHFS = true
        \tprotectNTFS = true
        \tlogAllRefUpdates = true
        [gc]
        \tauto = 0
        [maintenance]
        \tauto = false
        [submodule]
        \tactive = .
        [remote "origin"]
        \tfetch = +refs/heads/*:refs/remotes/origin/*

        """

    /// The same in a hub whose worktrees hold contents that Git LFS keeps: a step's own `git add` and `git status` have to
    /// make pointers of them, with or without `git lfs install` in the person's home. Git-lfs would put hooks of its own
    /// into the folder that all worktrees share.
    static let largeFileConfiguration = """
        [core]
        \thooksPath = /dev/null
        [filter "lfs"]
        \tclean = git-lfs clean -- %f
        \tsmudge = git-lfs smudge -- %f
        \tprocess = git-lfs filter-process
        \trequired = true
        [lfs]
        \trepositoryformatversion = 0
        \tstorage = lfs

        """
}
