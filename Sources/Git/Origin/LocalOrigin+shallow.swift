import CLibgit2
import Glibc

/// Publishing to a shallow clone: libgit2 1.5 stumbles over the parents that its boundary names and does not have.
extension LocalOrigin {
    var isShallow: Bool { access(commonDirectory + "/shallow", F_OK) == 0 }

    /// Adds every commit that the origin itself lacks, with its whole tree.
    func gatherWithoutBoundary(
        _ builder: OpaquePointer, from repository: borrowing GitRepository, tip: ObjectID
    ) throws(GitError) {
        let own = try open()
        for id in try repository.presentHistory(of: [tip]) {
            do throws(GitError) {
                try own.requireCommit(id)
            } catch  where error.code == .notFound {
                var oid = id.oid
                try git("gather objects") { git_packbuilder_insert_commit(builder, &oid) }
            }
        }
    }
}
