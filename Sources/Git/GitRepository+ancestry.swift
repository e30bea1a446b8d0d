import CLibgit2

extension GitRepository {
    /// Whether `commit` is `ancestor` or has it in its history.
    package func isDescendant(_ commit: ObjectID, of ancestor: ObjectID) throws(GitError) -> Bool {
        if commit == ancestor { return true }
        var (child, parent) = (commit.oid, ancestor.oid)
        let result = git_graph_descendant_of(pointer, &child, &parent)
        // An ancestor that is not in this object store cannot be in the history either.
        if result == GIT_ENOTFOUND.rawValue {
            git_error_clear()
            return false
        }
        return try git("compare \(commit.short) with \(ancestor.short)") { result } == 1
    }
}
