import CLibgit2

extension GitRepository {
    /// How many commits `tip` has that `base` has not.
    package func count(from base: ObjectID, to tip: ObjectID) throws(GitError) -> Int {
        var (ahead, behind) = (0, 0)
        var (local, upstream) = (tip.oid, base.oid)
        try git("compare \(tip.short) with \(base.short)") {
            git_graph_ahead_behind(&ahead, &behind, pointer, &local, &upstream)
        }
        return ahead
    }
}
