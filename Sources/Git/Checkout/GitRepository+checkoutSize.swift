import CLibgit2

extension GitRepository {
    /// About how many bytes a checkout of `commit` takes on disk, each file rounded up to 4 KiB blocks.
    package func checkoutSize(of commit: ObjectID) throws(GitError) -> Int {
        let plan = try CheckoutPlan(self, commit: commit)
        let odb = try gitPointer("open the object store") { git_repository_odb(&$0, pointer) }
        defer { git_odb_free(odb) }
        var total = plan.folders.count << 12
        for entry in plan.entries where entry.mode != GIT_FILEMODE_COMMIT.rawValue {
            var (size, type, id) = (0, GIT_OBJECT_INVALID, entry.id)
            try git("read the size of a blob") { git_odb_read_header(&size, &type, odb, &id) }
            total += (size + 4095) & ~4095
        }
        return total
    }
}
