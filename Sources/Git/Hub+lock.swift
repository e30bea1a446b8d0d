import CPlatform
import Glibc

extension Hub {
    /// Runs `body` while no other thread or process changes the hub's set of worktrees; waits as long as it takes.
    ///
    /// The lock is the kernel's (flock on `runner.lock`), so it ends with its holder, however that ends.
    func withLock<R>(_ body: () throws(GitError) -> R) throws(GitError) -> R {
        let file = path + "/runner.lock"
        let descriptor = runner_open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("open '\(file)'", errno: errno) }
        // Closing gives the lock back.
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .system("lock '\(file)'", errno: errno) }
        }
        return try body()
    }
}
