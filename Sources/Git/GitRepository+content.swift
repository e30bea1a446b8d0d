import CLibgit2

extension GitRepository {
    /// Stores bytes as a blob that a reference keeps alive, inside a commit so that every tool can follow it.
    ///
    /// Doing it again leads to the same blob.
    package func keep(
        _ bytes: [UInt8], under reference: (ObjectID) -> String, message: String, signature: Signature
    ) throws(GitError) -> ObjectID {
        var blob = git_oid()
        try git("store a file") {
            bytes.withUnsafeBytes { git_blob_create_from_buffer(&blob, pointer, $0.baseAddress, $0.count) }
        }
        let builder = try gitPointer("store a file") { git_treebuilder_new(&$0, pointer, nil) }
        defer { git_treebuilder_free(builder) }
        try git("store a file") { git_treebuilder_insert(nil, builder, "content", &blob, GIT_FILEMODE_BLOB) }
        var tree = git_oid()
        try git("store a file") { git_treebuilder_write(&tree, builder) }
        let id = ObjectID(blob)
        let name = reference(id)
        // The same bytes are anchored already.
        if try self.reference(name) != nil { return id }
        let commit = try createCommit(
            tree: ObjectID(tree), parents: [], message: message, author: signature, committer: signature)
        try setReference(name, to: commit)
        return id
    }

    /// The bytes of a blob; nil when there is none of this id.
    package func blob(_ id: ObjectID) throws(GitError) -> [UInt8]? {
        var oid = id.oid
        var found: OpaquePointer?
        guard git_blob_lookup(&found, pointer, &oid) == 0, let found else {
            git_error_clear()
            return nil
        }
        defer { git_blob_free(found) }
        return Array(UnsafeRawBufferPointer(start: git_blob_rawcontent(found), count: Int(git_blob_rawsize(found))))
    }
}
