import CLibgit2
import CPlatform
import Glibc

/// Repositories inside a worktree: what an agent cloned or initialised there, and submodules.
enum NestedRepository {
    /// Whether `directory` has a `.git` that makes it a repository of its own: a folder with a HEAD, or a link file.
    static func isOne(_ directory: [UInt8], in root: Int32) -> Bool {
        let link = directory + Array("/.git".utf8)
        var status = stat()
        guard withCName(link, { fstatat(root, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { return false }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            return withCName(link + Array("/HEAD".utf8)) { fstatat(root, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0
        case S_IFREG:
            let descriptor = withCName(link) { runner_openat(root, $0, O_RDONLY | O_NOFOLLOW | O_CLOEXEC, 0) }
            guard descriptor >= 0 else { return true }
            defer { close(descriptor) }
            var start = [UInt8](repeating: 0, count: 8)
            return read(descriptor, &start, start.count) == start.count && start == Array("gitdir: ".utf8)
        default:
            return false
        }
    }

    /// The commit that the repository at `path` has checked out; nil when there is none or it cannot be read.
    static func head(_ path: [UInt8]) -> ObjectID? {
        var pointer: OpaquePointer?
        let opened = withCName(path) {
            git_repository_open_ext(&pointer, $0, GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue, nil)
        }
        defer { git_error_clear() }
        guard opened == 0, let pointer else { return nil }
        defer { git_repository_free(pointer) }
        var oid = git_oid()
        return git_reference_name_to_id(&oid, pointer, "HEAD") == 0 ? ObjectID(oid) : nil
    }
}
