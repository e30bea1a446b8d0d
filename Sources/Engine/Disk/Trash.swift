import CPlatform
import Glibc

/// Moves directories out of the way in one step, on one file system, so that a move back is as quick.
package enum Trash {
    /// Renames the directory `from` to `to`, whose parent must exist; what is there already is never replaced.
    ///
    /// Returns when the new name is on the disk. A destination on another file system is an error (EXDEV): nothing is
    /// ever copied. When the directory that moved is not `expected`, it is moved back and ESTALE is thrown.
    package static func move(from: String, to: String, expected: DirectoryIdentity? = nil) throws {
        guard runner_renameat2_noreplace(from, to) == 0 else {
            throw DiskError(path: from, action: "move to '\(to)'", errno: errno)
        }
        if let expected, try DirectoryIdentity(of: to) != expected {
            guard runner_renameat2_noreplace(to, from) == 0 else {
                throw DiskError(path: to, action: "move back to '\(from)'", errno: errno)
            }
            throw DiskError(path: from, action: "move to '\(to)'", errno: ESTALE)
        }
        try flushParent(of: to)
        try flushParent(of: from)
    }

    private static func flushParent(of path: String) throws {
        let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = runner_open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw DiskError(path: parent, action: "flush", errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DiskError(path: parent, action: "flush", errno: errno) }
    }
}
