import CPlatform
import Glibc

/// Opens what its owner has locked against himself: the mode is widened for the moment and reported for putting back.
enum OwnerAccess {
    struct Opening {
        /// Negative when it failed; then `failure` is errno and the mode is as it was.
        var descriptor: Int32
        var failure: Int32 = 0
        /// The mode before, when it had to be changed.
        var changedFrom: UInt32?
    }

    /// Opens `name` in `directory`; where the owner lacks one of `bits`, and we are he, he gets them first.
    static func open(_ name: [UInt8], in directory: Int32, flags: Int32, needing bits: UInt32) -> Opening {
        var opening = attempt(name, in: directory, flags: flags)
        // A directory that can be listed but not searched opens well and is of no use.
        let isSearched = bits & 0o100 != 0
        guard opening.failure == EACCES || (isSearched && opening.failure == 0), geteuid() != 0 else { return opening }
        let handle = withCName(name) { runner_open_path(directory, $0, O_NOFOLLOW) }
        guard handle >= 0 else { return opening }
        defer { close(handle) }
        guard let mode = widen(handle, to: bits) else { return opening }
        if opening.descriptor < 0 { opening = attempt(name, in: directory, flags: flags) }
        if opening.descriptor >= 0 {
            opening.changedFrom = mode
        } else {
            setMode(mode, of: handle)
        }
        return opening
    }

    private static func attempt(_ name: [UInt8], in directory: Int32, flags: Int32) -> Opening {
        let descriptor = withCName(name) { runner_openat(directory, $0, flags, 0) }
        return Opening(descriptor: descriptor, failure: descriptor < 0 ? errno : 0)
    }

    /// Returns the old mode after a change, nil when nothing was or could be changed.
    private static func widen(_ handle: Int32, to bits: UInt32) -> UInt32? {
        var status = stat()
        guard fstat(handle, &status) == 0, status.st_uid == geteuid(), status.st_mode & S_IFMT != S_IFLNK else {
            return nil
        }
        let mode = UInt32(status.st_mode) & 0o7777
        guard mode & bits != bits, setMode(mode | bits, of: handle) else { return nil }
        return mode
    }

    /// fchmod refuses O_PATH descriptors; the kernel's own link to the open file cannot be swapped.
    @discardableResult
    private static func setMode(_ mode: UInt32, of handle: Int32) -> Bool {
        chmod("/proc/self/fd/\(handle)", mode_t(mode)) == 0
    }
}
