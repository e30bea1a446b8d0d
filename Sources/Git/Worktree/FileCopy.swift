import CPlatform
import Glibc

/// Copies single files into a worktree, never through a link and never over something.
package enum FileCopy {
    /// Copies the regular file `path` of the folder `source`; returns why it was left out, nil when it was copied.
    ///
    /// A file that the worktree's own rules do not ignore is left out, for it would be committed. The copy shares the
    /// file's blocks where the file system can.
    package static func copy(_ path: BytePath, from source: String, to worktree: Worktree) throws(GitError) -> String? {
        guard try IgnoreRules(worktree: worktree, scan: []).ignores(path, isDirectory: false) else {
            return "\"\(path)\" was not copied: the repository does not ignore it, so it would be committed"
        }
        let from = try DirectoryHandle.open(source)
        let to = try DirectoryHandle.open(worktree.path)
        let input = withCName(path.bytes) {
            runner_openat(from.descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
        }
        guard input >= 0 else { return "\"\(path)\" was not copied: \(SystemFailure.text(errno))" }
        defer { close(input) }
        var facts = stat()
        guard fstat(input, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            return "\"\(path)\" was not copied: it is not a regular file"
        }
        try makeFolders(of: path, in: to)
        let parent =
            path.parent.isEmpty
            ? to.descriptor : withCName(path.parent.bytes) { runner_open_beneath(to.descriptor, $0) }
        guard parent >= 0 else { return "\"\(path)\" was not copied: \(SystemFailure.text(errno))" }
        defer { if parent != to.descriptor { close(parent) } }
        let output = withCName(path.name) {
            runner_openat(parent, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, facts.st_mode & 0o777)
        }
        guard output >= 0 else {
            return errno == EEXIST ? nil : "\"\(path)\" was not copied: \(SystemFailure.text(errno))"
        }
        defer { close(output) }
        try fill(output, from: input, path)
        return nil
    }

    /// Copies the regular file `name` between open folders, with its permissions and its time; it must not be there yet.
    static func copy(
        _ name: [UInt8], _ facts: FileFacts, from source: Int32, to target: Int32
    ) throws(GitError) {
        let path = BytePath(name)
        let input = withCName(name) { runner_openat(source, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0) }
        guard input >= 0 else { throw .system("copy '\(path)'", errno: errno) }
        defer { close(input) }
        var status = stat()
        guard fstat(input, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw GitError(code: .generic, operation: "copy '\(path)'", message: "it is no plain file any more")
        }
        let output = withCName(name) {
            runner_openat(target, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        }
        guard output >= 0 else { throw .system("copy '\(path)'", errno: errno) }
        defer { close(output) }
        try fill(output, from: input, path)
        guard fchmod(output, mode_t(facts.permissions & 0o777)) == 0,
            futimens(output, [facts.modified, facts.modified]) == 0
        else { throw .system("set the mode of '\(path)'", errno: errno) }
    }

    private static func makeFolders(of path: BytePath, in root: DirectoryHandle) throws(GitError) {
        var made = BytePath([])
        for name in path.parent.components {
            made = made.appending(name)
            guard withCName(made.bytes, { mkdirat(root.descriptor, $0, 0o777) }) == 0 || errno == EEXIST else {
                throw .system("make the folder '\(made)'", errno: errno)
            }
        }
    }

    /// Gives the empty open file `output` what `input` holds from where it stands, which is its beginning.
    static func fill(_ output: Int32, from input: Int32, _ path: BytePath) throws(GitError) {
        if runner_clone_file(output, input) != 0 { try pour(input, into: output, path) }
    }

    private static func pour(_ input: Int32, into output: Int32, _ path: BytePath) throws(GitError) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(input, &buffer, buffer.count)
            if count == 0 { return }
            var written = 0
            while count > 0, written < count {
                let more = buffer.withUnsafeBytes {
                    write(output, $0.baseAddress.map { $0 + written }, count - written)
                }
                guard more > 0 || errno == EINTR else { throw .system("copy '\(path)'", errno: errno) }
                written += max(0, more)
            }
            guard count > 0 || errno == EINTR else { throw .system("copy '\(path)'", errno: errno) }
        }
    }
}
