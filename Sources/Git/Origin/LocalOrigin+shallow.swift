import CLibgit2
import Glibc

/// Publishing to a shallow clone: libgit2 1.5 stumbles over the parents that its boundary names and does not have.
extension LocalOrigin {
    var isShallow: Bool { access(commonDirectory + "/shallow", F_OK) == 0 }

    /// `tip` and all its ancestors that are there; those behind the boundary are left out.
    func history(of tip: ObjectID, in repository: borrowing GitRepository) throws(GitError) -> Set<ObjectID> {
        var found: Set<ObjectID> = []
        var waiting = [tip]
        while let id = waiting.popLast() {
            guard !found.contains(id) else { continue }
            let commit: OpaquePointer
            do throws(GitError) {
                commit = try repository.commit(id)
            } catch  where error.code == .notFound && id != tip {
                continue
            }
            defer { git_commit_free(commit) }
            found.insert(id)
            for number in 0..<git_commit_parentcount(commit) {
                if let parent = git_commit_parent_id(commit, number) { waiting.append(ObjectID(parent.pointee)) }
            }
        }
        return found
    }

    /// Adds every commit that the origin itself lacks, with its whole tree.
    func gatherWithoutBoundary(
        _ builder: OpaquePointer, from repository: borrowing GitRepository, tip: ObjectID
    ) throws(GitError) {
        let own = try open()
        for id in try history(of: tip, in: repository) {
            do throws(GitError) {
                try own.requireCommit(id)
            } catch  where error.code == .notFound {
                var oid = id.oid
                try git("gather objects") { git_packbuilder_insert_commit(builder, &oid) }
            }
        }
    }
}
