import CPlatform
import Foundation
import Glibc

/// A `flock` on a file; it ends with this value, and with the process whatever becomes of it.
struct FileLock: ~Copyable, Sendable {
    enum Mode: Sendable {
        case shared
        case exclusive
    }

    /// A process that inherits it keeps the lock when this value has ended, and so do those that it makes.
    let descriptor: Int32

    deinit {
        close(descriptor)
    }

    /// Takes the lock if nobody holds it in the way; the file is made when it is missing.
    static func attempt(_ path: String, _ mode: Mode) throws(ClusterError) -> FileLock? {
        let descriptor = runner_open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("open the lock file", path: path, errno: errno) }
        let lock = FileLock(descriptor: descriptor)
        guard flock(descriptor, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw .system("lock", path: path, errno: errno)
            }
            return nil
        }
        // Whoever destroys a cluster unlinks its lock files; a lock on such a file excludes nobody.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_nlink > 0 else { return nil }
        return lock
    }

    /// Waits for the lock without holding a thread, for two minutes at most.
    static func acquire(_ path: String, _ mode: Mode) async throws(ClusterError) -> FileLock {
        let deadline = ContinuousClock.now + .seconds(120)
        var wait = 1
        while true {
            if let lock = try attempt(path, mode) { return lock }
            guard ContinuousClock.now < deadline else {
                throw ClusterError(
                    code: .timedOut, operation: "lock", message: "another process has held \"\(path)\" for two minutes",
                    hint: "end the process that hangs")
            }
            try await ClusterPause.wait(.milliseconds(wait))
            wait = min(wait * 2, 16)
        }
    }

    /// When the file was last marked by `touch`.
    var touched: Date {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .distantPast }
        return Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
    }

    /// Marks the moment, in the file's modification time.
    func touch() {
        futimens(descriptor, nil)
    }
}
