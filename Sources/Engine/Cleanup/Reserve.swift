import CPlatform
import Glibc

/// Room that is set aside for saving, because a full disk is when it counts.
struct Reserve {
    let home: RunnerHome

    private var path: String { home.root + "/reserve" }

    /// Gives the room back to the file system; false when there was none.
    func release() -> Bool {
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_size > 0 else { return false }
        return unlink(path) == 0
    }

    /// Sets the room aside again where there is plenty: ten times as much must be free.
    func refill(_ bytes: Int) {
        var facts = stat()
        if lstat(path, &facts) == 0, facts.st_size == bytes { return }
        guard bytes > 0, let free = try? DiskSpace.available(home.root), free / 10 > Int64(bytes) else {
            if bytes == 0 { unlink(path) }
            return
        }
        unlink(path)
        let file = runner_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        // Blocks that are only promised would not be there when they are needed.
        if posix_fallocate(file, 0, off_t(bytes)) != 0 { unlink(path) }
    }
}
