import CLibgit2

extension GitRepository {
    /// Writes the commits that `tip` has and `base` lacks anew on top of `onto`, oldest first.
    ///
    /// Authors, their times and messages stay; `committer` is the new committer. What `onto` has already is left out, as
    /// with git-rebase(1). In memory: no reference, file or index moves. A merge among the commits is refused: what was
    /// resolved in it would be lost.
    package func rebase(
        _ tip: ObjectID, since base: ObjectID, onto: ObjectID, committer: Signature
    ) throws(GitError) -> Rebase {
        let operation = "rebase \(tip.short) onto \(onto.short)"
        if try isDescendant(onto, of: tip) { return .written(tip: onto, commits: 0) }
        if try isDescendant(tip, of: onto) { return .written(tip: tip, commits: 0) }
        let start = try mergeBase(base, tip) ?? base
        if let merge = try log(from: tip, hiding: [start]).first(where: { $0.parents.count > 1 }) {
            return .merge(merge.id)
        }
        let branch = try annotated(tip, operation)
        defer { git_annotated_commit_free(branch) }
        let upstream = try annotated(start, operation)
        defer { git_annotated_commit_free(upstream) }
        let target = try annotated(onto, operation)
        defer { git_annotated_commit_free(target) }
        var options = git_rebase_options()
        try git(operation) { git_rebase_options_init(&options, UInt32(GIT_REBASE_OPTIONS_VERSION)) }
        options.inmemory = 1
        let rebase = try gitPointer(operation) { git_rebase_init(&$0, pointer, branch, upstream, target, &options) }
        defer { git_rebase_free(rebase) }
        let signature = try committer.make()
        defer { git_signature_free(signature) }
        var end = onto
        var count = 0
        while let commit = try nextOperation(of: rebase, operation) {
            let files = try conflicts(in: rebase, operation)
            guard files.isEmpty else { return .conflict(commit, files: files) }
            var oid = git_oid()
            let result = git_rebase_commit(&oid, rebase, nil, signature, nil, nil)
            if result == GIT_EAPPLIED.rawValue {
                git_error_clear()
                continue
            }
            try git(operation) { result }
            end = ObjectID(oid)
            count += 1
        }
        return .written(tip: end, commits: count)
    }

    private func annotated(_ id: ObjectID, _ operation: String) throws(GitError) -> OpaquePointer {
        var oid = id.oid
        return try gitPointer(operation) { git_annotated_commit_lookup(&$0, pointer, &oid) }
    }

    /// Applies the next commit in memory; nil after the last.
    private func nextOperation(of rebase: OpaquePointer, _ operation: String) throws(GitError) -> ObjectID? {
        var next: UnsafeMutablePointer<git_rebase_operation>?
        let result = git_rebase_next(&next, rebase)
        if result == GIT_ITEROVER.rawValue {
            git_error_clear()
            return nil
        }
        try git(operation) { result }
        return next.map { ObjectID($0.pointee.id) }
    }

    /// Paths of the index that the rebase stands at, each once, in order.
    private func conflicts(in rebase: OpaquePointer, _ operation: String) throws(GitError) -> [String] {
        let index = try gitPointer(operation) { git_rebase_inmemory_index(&$0, rebase) }
        defer { git_index_free(index) }
        guard git_index_has_conflicts(index) == 1 else { return [] }
        let iterator = try gitPointer(operation) { git_index_conflict_iterator_new(&$0, index) }
        defer { git_index_conflict_iterator_free(iterator) }
        var paths: Set<String> = []
        var (ancestor, own, other): (UnsafePointer<git_index_entry>?, _, _) = (
            nil, nil as UnsafePointer<git_index_entry>?, nil as UnsafePointer<git_index_entry>?
        )
        while git_index_conflict_next(&ancestor, &own, &other, iterator) == 0 {
            for entry in [ancestor, own, other].compactMap({ $0 }) {
                if let path = entry.pointee.path { paths.insert(String(cString: path)) }
            }
        }
        return paths.sorted()
    }
}
