import CLibgit2

extension Hub {
    /// How the marker of a pack ends whose objects may refer to some that are not there (git-pack-objects(1)).
    static let promisorEnding = ".promisor"

    /// Whether it came from a partial clone, which lacks objects until somebody asks for them there.
    package var isPartial: Bool {
        ObjectMirror.names(in: path + "/objects/pack").contains { $0.hasSuffix(Self.promisorEnding) }
    }

    /// The first file of a checkout of `commit` whose content is not here; nil when all are.
    package func lackedFile(of commit: ObjectID, sparse: SparsePatterns? = nil) throws(GitError) -> BytePath? {
        let repository = try open()
        let plan = try CheckoutPlan(repository, commit: commit, sparse: sparse)
        let objects = try gitPointer("open the object store") { git_repository_odb(&$0, repository.pointer) }
        defer { git_odb_free(objects) }
        let lacked = plan.entries.first { entry in
            var id = entry.id
            return !entry.isSkipped && !entry.isSubmodule && git_odb_exists(objects, &id) == 0
        }
        return lacked.map { BytePath(plan.pathBytes($0)) }
    }
}
