import CLibgit2
import Glibc

/// Publishing to a shallow clone: libgit2 1.5 stumbles over the parents that its boundary names and does not have.
extension LocalOrigin {
    var isShallow: Bool { access(commonDirectory + "/shallow", F_OK) == 0 }

    /// Every commit in the history of `tip` that the origin itself lacks.
    func lackedCommits(of repository: borrowing GitRepository, tip: ObjectID) throws(GitError) -> [ObjectID] {
        let own = try open()
        var lacked: [ObjectID] = []
        for id in try repository.presentHistory(of: [tip]) where try !own.hasCommit(id) { lacked.append(id) }
        return lacked
    }
}
