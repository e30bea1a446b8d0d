import CPlatform
import Glibc

/// Chooses and makes the folder of the server's socket: short enough, and in nobody else's hands.
enum SocketDirectory {
    /// Beside the data where the path will do: nothing cleans there. Else the user's run-time folder, else
    /// `/tmp`. An existing folder is used only if it belongs to the server's user and is closed to all others.
    static func make(_ layout: ClusterLayout, owner: OSUser, runtime: String?) throws(ClusterError) -> String {
        let name = FilePathText.shortHash(ClusterFiles.resolved(layout.base))
        var candidates = [layout.base + "/run"]
        if let runtime, runtime.hasPrefix("/"), geteuid() == owner.uid, FolderStatus(runtime)?.owner == owner.uid {
            candidates.append("\(runtime)/runner-\(name)")
        }
        candidates.append("/tmp/runner-\(owner.uid)-\(name)")
        // libpq takes a comma for the end of one of several hosts.
        let path = candidates.first {
            UnixSocket.path(in: $0).utf8.count <= UnixSocket.maximumPathLength && !$0.contains(",")
        }
        guard let path else {
            throw ClusterError(
                code: .startFailed, operation: "choose a socket folder", message: "no short enough path", hint: "")
        }
        try claim(path, owner: owner)
        return path
    }

    /// Opens the folder itself and looks at what it got, so that a link or a swap in `/tmp` deceives nobody.
    private static func claim(_ path: String, owner: OSUser) throws(ClusterError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw .system("make the socket folder", path: path, errno: errno)
        }
        let descriptor = runner_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw refusal(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == owner.uid || status.st_uid == geteuid() else {
            throw refusal(path)
        }
        guard status.st_uid == owner.uid || fchown(descriptor, owner.uid, owner.gid) == 0,
            fchmod(descriptor, 0o700) == 0
        else { throw .system("make the socket folder", path: path, errno: errno) }
    }

    private static func refusal(_ path: String) -> ClusterError {
        ClusterError(
            code: .wrongOwner, operation: "make the socket folder",
            message: "\"\(path)\" exists and belongs to someone else", hint: "remove it")
    }
}
