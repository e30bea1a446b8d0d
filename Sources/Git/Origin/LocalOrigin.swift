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
        return LocalOrigin(
            gitDirectory: repository.gitDirectory, commonDirectory: realPath(common) ?? common,
            workTree: workTree(of: repository, from: path))
    }

    private static func workTree(of repository: borrowing GitRepository, from path: String) -> String? {
        guard git_repository_is_bare(repository.pointer) == 0,
            let found = git_repository_workdir(repository.pointer).map({ String(cString: $0) })
        else { return nil }
        let workTree = realPath(found) ?? found
        let directory = realPath(repository.gitDirectory) ?? repository.gitDirectory
        // Opened by itself, a Git directory without core.worktree is taken for the `.git` of the folder above it. One
        // of another name (git init --separate-git-dir) has its checkout where the `.git` is that leads to it.
        guard !directory.hasSuffix("/.git"), parent(of: directory) == workTree else { return workTree }
        var folder = realPath(path)
        while let place = folder, place != directory {
            if access(place + "/.git", F_OK) == 0 { return place }
            folder = parent(of: place)
        }
        return nil
    }

    private static func parent(of path: String) -> String? {
        guard path != "/", let slash = path.lastIndex(of: "/") else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The checkout that belongs to the Git directory itself, where a person can find the repository by it.
    ///
    /// Nil for a linked worktree, for a bare repository, and where `core.worktree` names a folder that does not lead back.
    package var mainCheckout: String? {
        guard let workTree, Self.realPath(gitDirectory) == commonDirectory,
            let back = try? LocalOrigin.discover(at: workTree), back.commonDirectory == commonDirectory
        else { return nil }
        return workTree
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
