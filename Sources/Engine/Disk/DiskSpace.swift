import CPlatform
import Glibc

/// How much room a file system has.
package enum DiskSpace {
    /// Bytes that an ordinary user can still write on the file system of `path`.
    package static func available(_ path: String) throws -> Int64 {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { throw DiskError(path: path, action: "measure", errno: errno) }
        return Int64(clamping: UInt64(facts.f_bavail) * UInt64(facts.f_frsize))
    }

    /// Whether the file system of `path` takes no more files, though it may have room: its inodes are used up.
    package static func lacksFiles(_ path: String) -> Bool {
        var facts = statvfs()
        return statvfs(path, &facts) == 0 && facts.f_files > 0 && facts.f_favail < 64
    }
}
