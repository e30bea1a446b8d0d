import CLibgit2
import CPlatform
import Glibc

/// How an index entry remembers a file (gitformat-index: ctime, mtime, dev, ino, mode, uid, gid, size).
enum IndexStat {
    /// The index's own time, or nil when it cannot be known: then no entry is trusted.
    static func time(of indexPath: String) -> timespec? {
        var status = stat()
        return lstat(indexPath, &status) == 0 ? status.st_mtim : nil
    }

    /// Whether the entry surely still describes the file.
    ///
    /// A file as young as the index is "racily clean" (git's racy-git.txt): it may have changed within one tick.
    static func isUnchanged(_ entry: git_index_entry, _ status: stat, indexTime: timespec?) -> Bool {
        guard let indexTime, entry.mode == mode(status) else { return false }
        guard entry.file_size == UInt32(truncatingIfNeeded: status.st_size),
            entry.ino == UInt32(truncatingIfNeeded: status.st_ino), same(entry.mtime, status.st_mtim),
            same(entry.ctime, status.st_ctim)
        else { return false }
        let (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        return seconds < indexTime.tv_sec || (seconds == indexTime.tv_sec && nanoseconds < indexTime.tv_nsec)
    }

    /// The mode that Git records for a regular file or a symbolic link.
    static func mode(_ status: stat) -> UInt32 {
        if status.st_mode & S_IFMT == S_IFLNK { return GIT_FILEMODE_LINK.rawValue }
        let isExecutable = status.st_mode & S_IXUSR != 0
        return isExecutable ? GIT_FILEMODE_BLOB_EXECUTABLE.rawValue : GIT_FILEMODE_BLOB.rawValue
    }

    /// An entry for the file, without a path.
    static func entry(_ status: stat, mode: UInt32, id: git_oid) -> git_index_entry {
        var entry = git_index_entry()
        entry.ctime = indexTime(status.st_ctim)
        entry.mtime = indexTime(status.st_mtim)
        entry.dev = UInt32(truncatingIfNeeded: status.st_dev)
        entry.ino = UInt32(truncatingIfNeeded: status.st_ino)
        entry.mode = mode
        entry.uid = status.st_uid
        entry.gid = status.st_gid
        entry.file_size = UInt32(truncatingIfNeeded: status.st_size)
        entry.id = id
        return entry
    }

    private static func indexTime(_ time: timespec) -> git_index_time {
        git_index_time(
            seconds: Int32(truncatingIfNeeded: time.tv_sec), nanoseconds: UInt32(truncatingIfNeeded: time.tv_nsec))
    }

    private static func same(_ recorded: git_index_time, _ time: timespec) -> Bool {
        recorded.seconds == Int32(truncatingIfNeeded: time.tv_sec)
            && recorded.nanoseconds == UInt32(truncatingIfNeeded: time.tv_nsec)
    }
}
