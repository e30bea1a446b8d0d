import CLibgit2
import CPlatform
import Glibc

/// Files that have an encoding of their own in the worktree (gitattributes: working-tree-encoding), on their way into
/// the repository; libgit2 knows none.
struct EncodedFile {
    let repository: OpaquePointer
    let root: Int32

    /// What `git` would store of the file: its text in UTF-8, then through the other filters.
    ///
    /// Nil for a file without such an attribute, and for one that is not valid in its encoding: `git` refuses that one,
    /// here its bytes are kept as they are, so that nothing is lost.
    func content(_ path: [UInt8]) throws(GitError) -> [UInt8]? {
        guard let encoding = encoding(of: path), let bytes = read(path) else { return nil }
        guard let text = bytes.withUnsafeBytes({ TextEncoding.decode($0, from: encoding) }) else { return nil }
        return try filtered(text, path)
    }

    private func encoding(of path: [UInt8]) -> String? {
        var value: UnsafePointer<CChar>?
        let flags = UInt32(GIT_ATTR_CHECK_FILE_THEN_INDEX | GIT_ATTR_CHECK_NO_SYSTEM)
        let result = withCName(path) { git_attr_get(&value, repository, flags, $0, "working-tree-encoding") }
        if result < 0 { git_error_clear() }
        guard result == 0, git_attr_value(value) == GIT_ATTR_VALUE_STRING, let value else { return nil }
        let name = String(cString: value)
        return name.isEmpty ? nil : name
    }

    private func filtered(_ text: [UInt8], _ path: [UInt8]) throws(GitError) -> [UInt8] {
        var filters: OpaquePointer?
        try git("read the filters of '\(BytePath(path))'") {
            withCName(path) {
                git_filter_list_load(&filters, repository, nil, $0, GIT_FILTER_TO_ODB, GIT_FILTER_DEFAULT.rawValue)
            }
        }
        guard let filters else { return text }
        defer { git_filter_list_free(filters) }
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        try git("filter '\(BytePath(path))'") {
            text.withUnsafeBytes { bytes in
                git_filter_list_apply_to_buffer(
                    &buffer, filters, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            }
        }
        return Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
    }

    private func read(_ path: [UInt8]) -> [UInt8]? {
        let file = withCName(path) {
            runner_openat(root, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0)
        }
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == 0 { return bytes }
            guard count > 0 || errno == EINTR else { return nil }
            bytes += buffer.prefix(max(0, count))
        }
    }
}
