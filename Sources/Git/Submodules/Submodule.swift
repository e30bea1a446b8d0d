import CLibgit2
import CPlatform
import Glibc

/// A submodule inside a worktree, with its Git directory where git puts it: `modules/<name>` in that of what holds it.
///
/// A repository of its own, so that whatever is committed in it is part of a snapshot; the objects that it began with
/// are borrowed from a hub and exist once.
package struct Submodule: CheckoutTarget, Hashable {
    /// Absolute path of its directory.
    package let path: String
    package let adminPath: String
    /// Whose objects it borrows.
    package let hub: Hub

    /// At `path`, relative to the worktree's directory; `name` is one that `SubmoduleEntry` accepts.
    package init(_ name: String, at path: String, of worktree: Worktree, objects: Hub) {
        self.init(name, at: path, directory: worktree.path, adminPath: worktree.adminPath, objects: objects)
    }

    /// Inside another submodule.
    package init(_ name: String, at path: String, of outer: Submodule, objects: Hub) {
        self.init(name, at: path, directory: outer.path, adminPath: outer.adminPath, objects: objects)
    }

    private init(_ name: String, at path: String, directory: String, adminPath: String, objects: Hub) {
        self.path = "\(directory)/\(path)"
        self.adminPath = "\(adminPath)/modules/\(name)"
        hub = objects
    }

    /// Checks `commit` out into the empty directory, detached as `git submodule update` does; `url` becomes its origin.
    ///
    /// A Git directory that is there already, because only the directory was lost, keeps its branches and objects.
    package func checkOut(_ commit: ObjectID, url: String?) throws(GitError) {
        try requireEmptyDirectory()
        if access(adminPath + "/HEAD", F_OK) != 0 { try makeGitDirectory(url: url) }
        try Directory.write(Array("\(commit)\n".utf8), to: adminPath + "/HEAD")
        try Directory.write(Array("gitdir: \(adminPath)\n".utf8), to: path + "/.git")
        _ = try Checkout(worktree: self, commit: commit).run()
    }

    package func open() throws(GitError) -> GitRepository {
        let repository = try GitRepository(gitDirectory: adminPath, bare: false)
        try git("open the submodule at '\(path)'") { git_repository_set_workdir(repository.pointer, path, 0) }
        return repository
    }

    func emptyDirectory() throws(GitError) {
        Directory.removeTree(path)
        guard mkdir(path, 0o777) == 0 else { throw .system("create the directory '\(path)'", errno: errno) }
    }

    /// The checkout of what holds it has just made the directory; anything in it is somebody's.
    private func requireEmptyDirectory() throws(GitError) {
        let descriptor = runner_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw .system("open the submodule '\(path)'", errno: errno) }
        guard Directory.names(closing: descriptor)?.isEmpty == true else {
            throw GitError(code: .exists, operation: "fill the submodule '\(path)'", message: "it is not empty")
        }
    }

    private func makeGitDirectory(url: String?) throws(GitError) {
        // What a killed checkout left has no HEAD.
        Directory.removeTree(adminPath)
        for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"] {
            try Directory.createParents(of: "\(adminPath)/\(folder)/")
        }
        try hub.lendObjects(to: adminPath)
        if let shallow = Directory.read(hub.path + "/shallow") {
            try Directory.write(shallow, to: adminPath + "/shallow")
        }
        let repository = try hub.open()
        let references =
            try repository.references(matching: "refs/remotes/origin/*")
            + repository.references(matching: "refs/tags/*")
        try Directory.write(
            Array(references.map { "\($0.id) \($0.name)\n" }.joined().utf8), to: adminPath + "/packed-refs")
        try Directory.write(Array(configuration(url).utf8), to: adminPath + "/config")
    }

    private func configuration(_ url: String?) -> String {
        var text = """
            [core]
            \trepositoryformatversion = 0
            \tfilemode = true
            \tbare = false
            \tlogallrefupdates = true
            \tworktree = \(Self.quoted(path))
            [submodule]
            \tactive = .

            """
        if let url {
            text += "[remote \"origin\"]\n\turl = \(Self.quoted(url))\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n"
        }
        return text
    }

    /// A value as git-config(1) reads it back.
    static func quoted(_ value: String) -> String {
        let escapes: [Character: String] = ["\\": "\\\\", "\"": "\\\"", "\n": "\\n", "\t": "\\t"]
        return "\"" + value.map { escapes[$0] ?? String($0) }.joined() + "\""
    }
}
