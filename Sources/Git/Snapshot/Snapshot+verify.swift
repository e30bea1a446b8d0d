import CLibgit2

extension Snapshot {
    /// Checks a snapshot against the disk: every stored object is read and hashed again, and the whole worktree too.
    ///
    /// Nothing that the write left in memory is used. Throws only when the snapshot or the directory cannot be opened
    /// at all; what is wrong otherwise is in the result.
    package static func verify(
        _ reference: String, against worktree: Worktree
    ) throws(GitError) -> SnapshotVerification {
        let reader = try SnapshotReader(hub: worktree.hub)
        let commit = try reader.commit(named: reference)
        let manifest = try reader.manifest(of: commit)
        let damage = damage(of: commit, manifest, reader)
        var differences = try SnapshotComparison(manifest, .worktree).differences(
            beneath: DirectoryHandle.open(worktree.path))
        differences += try SnapshotComparison(manifest, .gitdir).differences(
            beneath: DirectoryHandle.open(worktree.adminPath))
        return SnapshotVerification(damage: damage, differences: differences)
    }

    /// Reads everything that the snapshot holds; the histories of its parents were there before and are only entered.
    private static func damage(
        of commit: ObjectID, _ manifest: SnapshotManifest, _ reader: SnapshotReader
    ) -> [String] {
        var damage: [String] = []
        var anchored: Set<ObjectID> = []
        func note(_ check: () throws(GitError) -> Void) {
            do throws(GitError) { try check() } catch { damage.append(error.description) }
        }
        note { () throws(GitError) in
            let links = try reader.links(of: commit)
            let named = [manifest.headCommit, manifest.indexCommit].compactMap { $0 } + manifest.tips
            guard named.allSatisfy(links.parents.contains) else {
                throw GitError(
                    code: .generic, operation: "read the snapshot \(commit)", message: "it does not anchor every tip")
            }
            var trees = [links.tree]
            for parent in links.parents {
                let tree = try reader.links(of: parent).tree
                if parent == manifest.indexCommit { trees.append(tree) } else { _ = try reader.rows(of: tree) }
            }
            while let tree = trees.popLast() {
                guard anchored.insert(tree).inserted else { continue }
                for row in try reader.rows(of: tree) where row.mode != Array("160000".utf8) {
                    if row.mode == Array("40000".utf8) {
                        trees.append(row.id)
                    } else if anchored.insert(row.id).inserted {
                        note { () throws(GitError) in try reader.forEachPiece(of: row.id) { _ in } }
                    }
                }
            }
        }
        for entry in manifest.entries {
            if let blob = entry.blob, !anchored.contains(blob) {
                damage.append("the content of '\(entry.path)' is not anchored by the snapshot")
            }
            if entry.blob == nil, entry.class != .unsaved, entry.kind == .file || entry.kind == .symlink {
                damage.append("the content of '\(entry.path)' is not recorded in the snapshot")
            }
        }
        return damage
    }
}
