import CLibgit2
import CPlatform
import Glibc

/// A directory checked out from a hub, known by what the runner recorded of it and never by what the directory says.
package struct Worktree: Sendable, Hashable {
    package let hub: Hub
    /// The name of the administrative folder, `<hub>/worktrees/<name>`.
    package let name: String
    /// Absolute path of the directory.
    package let path: String

    package init(hub: Hub, name: String, path: String) {
        self.hub = hub
        self.name = name
        self.path = path
    }

    /// The worktree's own Git directory in the hub.
    package var adminPath: String { "\(hub.path)/worktrees/\(name)" }

    /// The path of the link file that `git` follows from the directory to the hub.
    package var linkPath: String { path + "/.git" }

    /// The bytes that the link file must have.
    package var expectedLink: [UInt8] { Array("gitdir: \(adminPath)\n".utf8) }

    /// Opens the worktree by its administrative folder, with its directory given and not looked up.
    ///
    /// Works also when the agent removed or replaced `.git`; throws `.modified` when the folder's pointer to the hub
    /// is not the one we wrote, because libgit2 would follow it.
    package func open() throws(GitError) -> GitRepository {
        try open(obeysItsConfiguration: false)
    }

    func open(obeysItsConfiguration: Bool) throws(GitError) -> GitRepository {
        guard Directory.read(adminPath + "/commondir") == Array(Self.commonDirectory.utf8) else {
            let exists = access(adminPath, F_OK) == 0
            throw GitError(
                code: exists ? .modified : .notFound, operation: "open the worktree '\(name)'",
                message: exists ? "its link to the hub was changed" : "its administrative folder is gone")
        }
        let repository = try GitRepository(
            gitDirectory: adminPath, bare: false, obeysItsConfiguration: obeysItsConfiguration)
        try git("open the worktree at '\(path)'") { git_repository_set_workdir(repository.pointer, path, 0) }
        return repository
    }

    /// Whether the directory's `.git` is the link file that we wrote, byte for byte.
    package func verifyLink() -> Bool {
        Directory.read(linkPath) == expectedLink
    }

    /// Gives the owner back what was taken from the directory, without which nothing can be saved or run in it.
    ///
    /// True when there was something to give back. What lies inside stays as it is.
    package func repairAccess() -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & (S_IRUSR | S_IXUSR) != S_IRUSR | S_IXUSR
        else { return false }
        return chmod(path, status.st_mode & 0o7777 | S_IRWXU) == 0
    }

    /// Writes the link file again where it is missing or leads nowhere; true when it is right afterwards.
    ///
    /// Something else of that name, as the `.git` folder of an agent's own `git init`, is left alone.
    package func repairLink() throws(GitError) -> Bool {
        var status = stat()
        if lstat(linkPath, &status) != 0 {
            if errno == ENOENT { try writeLink() }
        } else if status.st_mode & S_IFMT == S_IFREG {
            // Unreadable, it would look like another's.
            if status.st_mode & S_IRUSR == 0, status.st_uid == geteuid() {
                chmod(linkPath, status.st_mode & 0o7777 | S_IRUSR | S_IWUSR)
            }
            if leadsNowhere { try writeLink() }
        }
        return verifyLink()
    }

    /// Whether the link file is none, or names what is not there; git finds no repository then.
    private var leadsNowhere: Bool {
        guard let bytes = Directory.read(linkPath) else { return false }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("gitdir: ") else { return true }
        let target = text.dropFirst(8).prefix { !$0.isNewline }
        return access(target.hasPrefix("/") ? String(target) : "\(path)/\(target)", F_OK) != 0
    }

    func writeLink() throws(GitError) {
        try Directory.write(expectedLink, to: linkPath)
    }

    static let commonDirectory = "../..\n"
}
