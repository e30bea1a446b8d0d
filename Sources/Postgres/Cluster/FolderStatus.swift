import CPlatform
import Glibc

/// Owner and permissions of a folder that is not a symbolic link.
struct FolderStatus {
    let owner: uid_t
    let group: gid_t
    let mode: mode_t

    /// `nil` when nothing is there, or something else than a folder.
    init?(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
        owner = status.st_uid
        group = status.st_gid
        mode = status.st_mode & 0o7777
    }

    func isTraversable(by user: OSUser) -> Bool {
        if user.uid == 0 { return true }
        if user.uid == owner { return mode & 0o100 != 0 }
        if user.gid == group { return mode & 0o010 != 0 }
        return mode & 0o001 != 0
    }
}
