import CPlatform
import Glibc

extension Hub {
    /// Gives its owner back what a step took from the hub, as by `chmod -R a-w`; true when something was given back.
    ///
    /// Worktrees share the folders, and without them every task of the repository would fail for good. Only the folders
    /// that every task needs are looked at; when one of them is locked, all are.
    package func repairAccess() -> Bool {
        let shared = ["", "/objects", "/objects/pack", "/refs", "/refs/heads", "/refs/runner", "/worktrees"]
        let own = ObjectMirror.names(in: path + "/worktrees").map { "/worktrees/\($0)" }
        let isLocked = (shared + own).contains { Self.locked(path + $0)?.isFolder == true }
        return isLocked && Self.unlock(path, keepsContents: false)
    }

    /// The mode of what is ours and lacks what its owner needs: all of a folder, reading and writing of a file.
    private static func locked(_ path: String, keepsContents: Bool = false) -> (mode: mode_t, isFolder: Bool)? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_uid == geteuid() else { return nil }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        guard isFolder || status.st_mode & S_IFMT == S_IFREG else { return nil }
        // Git itself keeps anybody from writing into objects.
        let needed = isFolder ? S_IRWXU : keepsContents ? S_IRUSR : S_IRUSR | S_IWUSR
        guard status.st_mode & needed != needed else { return nil }
        return (status.st_mode & 0o7777 | needed, isFolder)
    }

    private static func unlock(_ path: String, keepsContents: Bool) -> Bool {
        var isChanged = false
        if let (mode, _) = locked(path, keepsContents: keepsContents) { isChanged = chmod(path, mode) == 0 }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return isChanged }
        for name in ObjectMirror.names(in: path)
        where unlock("\(path)/\(name)", keepsContents: keepsContents || name == "objects") {
            isChanged = true
        }
        return isChanged
    }
}
