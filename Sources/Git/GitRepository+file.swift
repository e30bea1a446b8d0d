import CLibgit2

extension GitRepository {
    /// The content of the regular file `path` in a commit's tree, byte for byte; nil when there is no such file.
    ///
    /// Throws `.generic` for one of more than `limit` bytes.
    package func file(_ path: String, in commit: ObjectID, limit: Int) throws(GitError) -> [UInt8]? {
        let tree = try tree(of: commit)
        defer { git_tree_free(tree) }
        var entry: OpaquePointer?
        guard git_tree_entry_bypath(&entry, tree, path) == 0, let entry else {
            git_error_clear()
            return nil
        }
        defer { git_tree_entry_free(entry) }
        let mode = git_tree_entry_filemode(entry)
        guard mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE else { return nil }
        var id = git_tree_entry_id(entry).pointee
        let blob = try gitPointer("read '\(path)'") { git_blob_lookup(&$0, pointer, &id) }
        defer { git_blob_free(blob) }
        let size = Int(git_blob_rawsize(blob))
        guard size <= limit else {
            throw GitError(code: .generic, operation: "read '\(path)'", message: "it has more than \(limit) bytes")
        }
        return Array(UnsafeRawBufferPointer(start: git_blob_rawcontent(blob), count: size))
    }
}
