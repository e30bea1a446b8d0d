import CLibgit2

extension GitRepository {
    /// Throws `.notFound` unless `id` is a commit in this object store.
    func requireCommit(_ id: ObjectID) throws(GitError) {
        git_commit_free(try commit(id))
    }

    /// Whether the object is here and a commit.
    package func hasCommit(_ id: ObjectID) throws(GitError) -> Bool {
        do throws(GitError) {
            try requireCommit(id)
            return true
        } catch  where error.code == .notFound {
            return false
        }
    }

    /// The commit `id`; the caller frees it with `git_commit_free`.
    func commit(_ id: ObjectID) throws(GitError) -> OpaquePointer {
        var oid = id.oid
        return try gitPointer("read commit \(id.short)") { git_commit_lookup(&$0, pointer, &oid) }
    }

    /// The tree of a commit, or the tree itself when `id` is one; the caller frees it with `git_tree_free`.
    func tree(of id: ObjectID) throws(GitError) -> OpaquePointer {
        var oid = id.oid
        let object = try gitPointer("read object \(id.short)") {
            git_object_lookup(&$0, pointer, &oid, GIT_OBJECT_ANY)
        }
        defer { git_object_free(object) }
        return try gitPointer("read the tree of \(id.short)") { git_object_peel(&$0, object, GIT_OBJECT_TREE) }
    }

    /// The id of a commit's tree.
    package func treeID(of commit: ObjectID) throws(GitError) -> ObjectID {
        let tree = try tree(of: commit)
        defer { git_tree_free(tree) }
        guard let id = git_tree_id(tree) else {
            throw GitError(code: .generic, operation: "read the tree of \(commit.short)", message: "it has no id")
        }
        return ObjectID(id.pointee)
    }

    /// Writes a commit object; no reference moves.
    package func createCommit(
        tree: ObjectID, parents: [ObjectID], message: String, author: Signature, committer: Signature
    ) throws(GitError) -> ObjectID {
        let treePointer = try self.tree(of: tree)
        defer { git_tree_free(treePointer) }
        var parentPointers: [OpaquePointer?] = []
        defer { for parent in parentPointers { git_commit_free(parent) } }
        for parent in parents { parentPointers.append(try commit(parent)) }
        let authorPointer = try author.make()
        defer { git_signature_free(authorPointer) }
        let committerPointer = try committer.make()
        defer { git_signature_free(committerPointer) }
        var oid = git_oid()
        try git("write a commit") {
            git_commit_create(
                &oid, pointer, nil, authorPointer, committerPointer, nil, message, treePointer, parents.count,
                &parentPointers)
        }
        return ObjectID(oid)
    }
}
