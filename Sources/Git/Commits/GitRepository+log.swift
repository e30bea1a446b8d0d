import CLibgit2

extension GitRepository {
    /// The history of `from`, children before parents, without what is in the history of `hiding`.
    package func log(from: ObjectID, hiding: [ObjectID] = [], limit: Int = .max) throws(GitError) -> [CommitRecord] {
        let walk = try gitPointer("walk the history") { git_revwalk_new(&$0, pointer) }
        defer { git_revwalk_free(walk) }
        try git("walk the history") {
            git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_TIME.rawValue)
        }
        var oid = from.oid
        try git("walk the history from \(from.short)") { git_revwalk_push(walk, &oid) }
        for id in hiding {
            var oid = id.oid
            try git("hide the history of \(id.short)") { git_revwalk_hide(walk, &oid) }
        }
        var records: [CommitRecord] = []
        while records.count < limit {
            let result = git_revwalk_next(&oid, walk)
            if result == GIT_ITEROVER.rawValue { break }
            try git("walk the history") { result }
            records.append(try record(ObjectID(oid)))
        }
        return records
    }

    /// One commit as history shows it.
    package func record(_ id: ObjectID) throws(GitError) -> CommitRecord {
        let commit = try commit(id)
        defer { git_commit_free(commit) }
        guard let author = git_commit_author(commit), let committer = git_commit_committer(commit) else {
            throw GitError(code: .generic, operation: "read commit \(id.short)", message: "it has no author")
        }
        let parents = (0..<git_commit_parentcount(commit)).compactMap { git_commit_parent_id(commit, $0) }
        return CommitRecord(
            id: id, author: Signature(author.pointee), committer: Signature(committer.pointee),
            message: git_commit_message(commit).map { String(cString: $0) } ?? "",
            parents: parents.map { ObjectID($0.pointee) })
    }

    /// The best common ancestor of two commits; nil when their histories never met.
    package func mergeBase(_ a: ObjectID, _ b: ObjectID) throws(GitError) -> ObjectID? {
        var (first, second) = (a.oid, b.oid)
        var base = git_oid()
        let result = git_merge_base(&base, pointer, &first, &second)
        // libgit2 1.5 wants the parents that a shallow clone does not have, and says so with no code of its own.
        if result < 0, isShallow {
            git_error_clear()
            return try presentMergeBase(a, b)
        }
        if result == GIT_ENOTFOUND.rawValue {
            git_error_clear()
            return nil
        }
        try git("find the merge base of \(a.short) and \(b.short)") { result }
        return ObjectID(base)
    }

    /// Whether a reference that is there leads to a commit: a tag may be of a file or a folder.
    package func leadsToCommit(_ reference: String) throws(GitError) -> Bool {
        let object = try gitPointer("read '\(reference)'") { git_revparse_single(&$0, pointer, reference) }
        defer { git_object_free(object) }
        var commit: OpaquePointer?
        let result = git_object_peel(&commit, object, GIT_OBJECT_COMMIT)
        git_object_free(commit)
        guard result == GIT_EPEEL.rawValue || result == GIT_EINVALIDSPEC.rawValue else { return true }
        git_error_clear()
        return false
    }

    /// The commit that a revision names (a branch, a tag, an id or its beginning, `HEAD~2`, …).
    ///
    /// Throws `.notFound`, or `.ambiguous` for a beginning that several ids share.
    package func resolve(_ revision: String) throws(GitError) -> ObjectID {
        let operation = "resolve '\(revision)'"
        let object = try gitPointer(operation) { git_revparse_single(&$0, pointer, revision) }
        defer { git_object_free(object) }
        let commit = try gitPointer(operation) { git_object_peel(&$0, object, GIT_OBJECT_COMMIT) }
        defer { git_object_free(commit) }
        guard let id = git_object_id(commit) else {
            throw GitError(code: .notFound, operation: operation, message: "it has no id")
        }
        return ObjectID(id.pointee)
    }
}
