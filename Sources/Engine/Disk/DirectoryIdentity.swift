import CPlatform
import Glibc

/// Which directory a path meant when it was recorded, so that another one in its place is noticed.
package struct DirectoryIdentity: Sendable, Hashable, Codable {
    package var device: UInt64
    package var inode: UInt64

    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// The directory at `path` itself; throws when there is none or when the path ends in a link.
    package init(of path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw DiskError(path: path, action: "look at", errno: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw DiskError(path: path, action: "look at", errno: ENOTDIR)
        }
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
