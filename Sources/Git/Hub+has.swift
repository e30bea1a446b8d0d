extension Hub {
    /// Whether the hub holds the commit that `hex` names.
    package func has(_ hex: String) throws(GitError) -> Bool {
        guard let id = ObjectID(hex) else { return false }
        do throws(GitError) {
            try open().requireCommit(id)
            return true
        } catch  where error.code == .notFound {
            return false
        }
    }
}
