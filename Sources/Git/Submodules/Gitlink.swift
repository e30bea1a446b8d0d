/// A submodule as a tree records it: where it goes and at which commit it stands.
package struct Gitlink: Sendable, Hashable {
    package let path: BytePath
    package let commit: ObjectID
}

extension GitRepository {
    /// The submodules that a checkout of `commit` makes folders for, in index order; none that `sparse` leaves out.
    ///
    /// Throws `.invalidName` for a tree that no checkout would write.
    package func gitlinks(in commit: ObjectID, sparse: SparsePatterns? = nil) throws(GitError) -> [Gitlink] {
        let plan = try CheckoutPlan(self, commit: commit, sparse: sparse)
        return plan.entries.filter(\.isSubmodule).map {
            Gitlink(path: BytePath(plan.pathBytes($0)), commit: ObjectID($0.id))
        }
    }
}
