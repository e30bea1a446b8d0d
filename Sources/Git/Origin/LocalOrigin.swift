import CLibgit2
import Glibc

/// A repository of the user's on this machine, from which a hub is filled and to which a branch is given back.
///
/// Its checked-out branch, index and files are never touched.
package struct LocalOrigin: Sendable, Hashable {
    /// The Git directory that `path` leads to: `.git`, a bare repository, or a linked worktree's own folder.
    package let gitDirectory: String
    /// Where objects and references live, without symbolic links; what identifies the repository.
    package let commonDirectory: String
    /// The root of the checkout that was named; nil for a bare repository.
    package let workTree: String?

    /// Finds the repository that holds `path`, as git does: there or in a folder above it.
    ///
    /// Returns nil when there is none. Throws for one that libgit2 cannot read (SHA-256 objects, reftables).
    package static func discover(at path: String) throws(GitError) -> LocalOrigin? {
        try GitLibrary.start()
        var buffer = git_buf()
        let result = git_repository_discover(&buffer, path, 0, nil)
        if result == GIT_ENOTFOUND.rawValue {
            git_error_clear()
            return nil
        }
        try git("find the repository at '\(path)'") { result }
        defer { git_buf_dispose(&buffer) }
        let gitDirectory = String(cString: buffer.ptr)
        let repository = try GitRepository(gitDirectory: gitDirectory, bare: false)
        let common = repository.commonDirectory
        let isBare = git_repository_is_bare(repository.pointer) == 1 || isBareByName(repository)
        let workTree = git_repository_workdir(repository.pointer).map { String(cString: $0) }
        return LocalOrigin(
            gitDirectory: repository.gitDirectory, commonDirectory: realPath(common) ?? common,
            workTree: isBare ? nil : workTree.map { realPath($0) ?? $0 })
    }

    /// Whether git takes it for bare though its configuration does not say so, for its folder is not called `.git`;
    /// libgit2 takes the folder above for a checkout.
    private static func isBareByName(_ repository: borrowing GitRepository) -> Bool {
        let folder = repository.gitDirectory
        guard folder == repository.commonDirectory, !folder.hasSuffix("/.git") else { return false }
        var configuration: OpaquePointer?
        defer { git_error_clear() }
        guard git_config_open_ondisk(&configuration, folder + "/config") == 0 else { return false }
        defer { git_config_free(configuration) }
        var entry: UnsafeMutablePointer<git_config_entry>?
        return ["core.bare", "core.worktree"].allSatisfy { key in
            defer {
                git_config_entry_free(entry)
                entry = nil
            }
            return git_config_get_entry(&entry, configuration, key) == GIT_ENOTFOUND.rawValue
        }
    }

    func open() throws(GitError) -> GitRepository {
        try GitRepository(gitDirectory: gitDirectory, bare: false)
    }

    /// Where the user's HEAD stands.
    package func head() throws(GitError) -> GitRepository.Head {
        try open().head()
    }

    /// Whether there is a branch with a commit, whatever HEAD is on.
    package func hasBranches() throws(GitError) -> Bool {
        try !open().references(matching: "refs/heads/*").isEmpty
    }

    /// The short names of the branches that stand on `commit`.
    package func branches(at commit: ObjectID) throws(GitError) -> [String] {
        let prefix = "refs/heads/"
        return try open().references(matching: prefix + "*").filter { $0.id == commit }
            .map { String($0.name.dropFirst(prefix.count)) }
    }

    /// Whether its Git directory is `folder` itself.
    package func isAt(_ folder: String) -> Bool {
        Self.realPath(folder) == commonDirectory
    }

    static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
