import Glibc

/// What a running server writes into `postmaster.pid`; see PostgreSQL's `miscadmin.h`.
struct PostmasterFile {
    let pid: pid_t
    let socketDirectory: String
    /// "starting", "stopping", "ready" or "standby"; empty at the very beginning.
    let state: String

    init?(_ path: String) {
        guard let text = ClusterFiles.read(path) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let pid = pid_t(first), pid > 0 else { return nil }
        self.pid = pid
        socketDirectory = lines.count > 4 ? String(lines[4]) : ""
        state = lines.count > 7 ? String(lines[7].prefix { $0 != " " }) : ""
    }

    var isReady: Bool { state == "ready" && !socketDirectory.isEmpty }

    var socketPath: String { UnixSocket.path(in: socketDirectory) }

    /// False for a stale file whose process number now belongs to another program, or to a dead process that nobody
    /// has reaped: the server's working directory is its data.
    func isRunning(in data: String) -> Bool {
        guard kill(pid, 0) == 0 || errno == EPERM else { return false }
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return -1 }
            return readlink("/proc/\(pid)/cwd", start.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard length > 0 else {
            // A zombie has no working directory. Without the right to look, only a live socket tells.
            return errno == EACCES && UnixSocket.accepts(socketPath)
        }
        return String(decoding: buffer[..<length], as: UTF8.self) == ClusterFiles.resolved(data)
    }

    /// Temporary folders get cleaned while a server runs; then nobody can connect any more.
    var hasSocket: Bool { ClusterFiles.exists(socketPath) }
}
