import CPlatform
import Glibc

/// Deletes a directory tree through descriptors: no link is followed, no mount entered, any depth, no shell.
package enum TreeRemoval {
    /// Deletes the directory `name` in `parent` with all that is in it; none there is fine.
    ///
    /// `expected` is the device and inode that the directory must have; another one there throws `.modified` and
    /// nothing is touched. An interrupted removal is finished by the next call. Where something cannot be deleted (a
    /// mount, an immutable file, a file of another user's), the rest goes and the first such cause is thrown.
    package static func remove(
        _ name: [UInt8], in parent: DirectoryHandle, expected: (device: UInt64, inode: UInt64)?
    ) throws(GitError) {
        guard let facts = try parent.facts(of: name) else { return }
        let operation = "remove '\(BytePath(name))'"
        guard facts.kind == .directory else {
            throw GitError(code: .modified, operation: operation, message: "it is not a directory")
        }
        let directory = try parent.child(name)
        if let expected, (directory.facts.device, directory.facts.inode) != expected {
            throw GitError(code: .modified, operation: operation, message: "another directory is in its place")
        }
        guard directory.mount == parent.mount else {
            throw GitError(code: .generic, operation: operation, message: "another file system is mounted there")
        }
        var failure: GitError?
        try empty(directory, &failure)
        if let failure { throw failure }
        // Only an empty directory can go this way, so a swap at the last moment costs nothing.
        guard withCName(name, { unlinkat(parent.descriptor, $0, AT_REMOVEDIR) }) == 0 || errno == ENOENT else {
            throw .system(operation, errno: errno)
        }
    }

    /// Deletes everything in an open directory; what cannot go stays and its cause is the first in `failure`.
    private static func empty(_ root: DirectoryHandle, _ failure: inout GitError?) throws(GitError) {
        let cursor = DirectoryCursor(root: root)
        var pending: [[[UInt8]]] = [try list(root)]
        while !pending.isEmpty {
            guard let name = pending[pending.count - 1].popLast() else {
                pending.removeLast()
                guard !pending.isEmpty else { return }
                let emptied = cursor.currentName
                try cursor.ascend()
                drop(emptied, in: cursor.current, AT_REMOVEDIR, &failure)
                continue
            }
            guard let facts = try cursor.current.facts(of: name) else { continue }
            guard facts.kind == .directory else {
                drop(name, in: cursor.current, 0, &failure)
                continue
            }
            do throws(GitError) {
                try cursor.descend(name)
            } catch {
                failure = failure ?? error
                continue
            }
            pending.append(try list(cursor.current))
        }
    }

    /// Makes a directory of ours writable, for its entries cannot be deleted otherwise, and lists it.
    private static func list(_ directory: DirectoryHandle) throws(GitError) -> [[UInt8]] {
        if directory.facts.permissions & 0o300 != 0o300, directory.facts.owner == geteuid() {
            fchmod(directory.descriptor, mode_t(directory.facts.permissions | 0o700))
        }
        return try directory.names()
    }

    private static func drop(
        _ name: [UInt8], in directory: DirectoryHandle, _ flags: Int32, _ failure: inout GitError?
    ) {
        guard withCName(name, { unlinkat(directory.descriptor, $0, flags) }) != 0, errno != ENOENT else { return }
        // A directory that still holds what could not go is a consequence; the cause is already noted.
        if errno == ENOTEMPTY, failure != nil { return }
        failure = failure ?? .system("remove '\(BytePath(name))'", errno: errno)
    }
}
