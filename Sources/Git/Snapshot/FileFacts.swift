import CLibgit2
import CPlatform
import Glibc

/// What `lstat` says about one directory entry.
package struct FileFacts: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case file, directory, symlink, fifo, socket
        case characterDevice = "character-device"
        case blockDevice = "block-device"
        case unknown
    }

    package var kind: Kind
    /// The twelve low bits of the mode: permissions, set-user, set-group and sticky.
    package var permissions: UInt32
    package var size: Int64
    package var modifiedSeconds: Int64
    package var modifiedNanoseconds: Int64
    /// When content or facts changed last; nobody can set it.
    package var changedSeconds: Int64
    package var changedNanoseconds: Int64
    package var device: UInt64
    package var inode: UInt64
    package var linkCount: UInt64
    package var owner: UInt32
    package var group: UInt32
    package var deviceNumber: UInt64
    /// Bytes that the file takes on disk.
    package var allocated: Int64

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symlink
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            case S_IFCHR: .characterDevice
            case S_IFBLK: .blockDevice
            default: .unknown
            }
        permissions = UInt32(status.st_mode) & 0o7777
        size = Int64(status.st_size)
        modifiedSeconds = Int64(status.st_mtim.tv_sec)
        modifiedNanoseconds = Int64(status.st_mtim.tv_nsec)
        changedSeconds = Int64(status.st_ctim.tv_sec)
        changedNanoseconds = Int64(status.st_ctim.tv_nsec)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        linkCount = UInt64(status.st_nlink)
        owner = status.st_uid
        group = status.st_gid
        deviceNumber = UInt64(status.st_rdev)
        allocated = Int64(status.st_blocks) * 512
    }

    var modified: timespec { timespec(tv_sec: Int(modifiedSeconds), tv_nsec: Int(modifiedNanoseconds)) }

    /// Whether nothing happened to the file in between; the room it takes can change without anybody touching it.
    func isSameState(as later: FileFacts) -> Bool {
        var now = later
        now.allocated = allocated
        return self == now
    }
}
