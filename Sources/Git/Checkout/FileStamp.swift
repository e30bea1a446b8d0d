import CLibgit2
import CPlatform
import Glibc

/// What an index remembers of a file so that nobody has to read it again (gitformat-index).
struct FileStamp {
    var changeSeconds: UInt32 = 0
    var changeNanoseconds: UInt32 = 0
    var seconds: UInt32 = 0
    var nanoseconds: UInt32 = 0
    var device: UInt32 = 0
    var inode: UInt32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
    var size: UInt32 = 0

    /// Of something that is not there: a submodule, or a file that a sparse checkout leaves out.
    init() {}

    init(_ status: stat) {
        changeSeconds = UInt32(truncatingIfNeeded: status.st_ctim.tv_sec)
        changeNanoseconds = UInt32(truncatingIfNeeded: status.st_ctim.tv_nsec)
        seconds = UInt32(truncatingIfNeeded: status.st_mtim.tv_sec)
        nanoseconds = UInt32(truncatingIfNeeded: status.st_mtim.tv_nsec)
        device = UInt32(truncatingIfNeeded: status.st_dev)
        inode = UInt32(truncatingIfNeeded: status.st_ino)
        user = status.st_uid
        group = status.st_gid
        size = UInt32(truncatingIfNeeded: status.st_size)
    }

    /// As an index has it where there is no mode, most significant byte first.
    func append(to bytes: inout [UInt8]) {
        for value in [
            changeSeconds, changeNanoseconds, seconds, nanoseconds, device, inode, user, group, size,
        ] { withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) } }
    }
}
