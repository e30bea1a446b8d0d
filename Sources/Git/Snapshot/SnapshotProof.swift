import CLibgit2
import CPlatform
import Dispatch
import Glibc
import Synchronization

/// What proves a snapshot just written, before its worktree may go.
///
/// **The store.** Everything that the snapshot names is either in the pack just written, which `PackProof` reads from
/// the disk byte for byte, or was in the hub before; that is read too, by a handle opened anew, and hashed. The commit's
/// id covers its tree, the tree's covers the manifest and every content, and all these ids were checked.
///
/// **The worktree.** It is scanned again, and every path must have the kind, mode, size and links of the manifest. A
/// file's content is hashed again, except where its times prove that it is the one that was read: its change time
/// (which no program can set), inode, device, size and time of modification are those of the open file right before it
/// was read; it had rested for two seconds before the snapshot began, so a later write cannot have got the same time
/// from a coarse clock; and dirty pages were written back before the read, so a store through a mapping of the file
/// that comes after it must fault and set the change time. That last rule is only relied on where the file system is
/// known to keep it (ext4, XFS, Btrfs); on any other, all contents are hashed again.
struct SnapshotProof {
    let request: SnapshotRequest
    let commit: ObjectID
    let manifest: SnapshotManifest
    let pack: PackProof?
    /// Objects that the hub had before.
    let relied: Set<ObjectID>
    let readFacts: [SnapshotEntry.Area: [BytePath: FileFacts]]
    /// When the snapshot began, in seconds since the epoch.
    let started: Int64

    /// Seconds that a file must have rested for its times to prove anything.
    private static let rest: Int64 = 2

    func verify() throws(GitError) -> SnapshotVerification {
        let damage = Mutex<[String]>([])
        let differences = Mutex<[SnapshotVerification.Difference]>([])
        let failure = Mutex<GitError?>(nil)
        DispatchQueue.concurrentPerform(iterations: 2) { number in
            do throws(GitError) {
                if number == 0 {
                    let found = try worktreeDifferences()
                    differences.withLock { $0 = found }
                } else {
                    let found = try storeDamage()
                    damage.withLock { $0 = found }
                }
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return SnapshotVerification(damage: damage.withLock { $0 }, differences: differences.withLock { $0 })
    }

    private func storeDamage() throws(GitError) -> [String] {
        var damage = pack?.damage() ?? []
        let reader = try SnapshotReader(hub: request.worktree.hub)
        if try reader.commit(named: request.reference) != commit {
            damage.append("the reference '\(request.reference)' names another commit")
        }
        func note(_ check: () throws(GitError) -> Void) {
            do throws(GitError) { try check() } catch { damage.append(error.description) }
        }
        for id in relied { note { () throws(GitError) in try reader.check(id) } }
        // The histories of the parents were there before and are only entered.
        note { () throws(GitError) in
            for parent in try reader.links(of: commit).parents {
                _ = try reader.rows(of: reader.links(of: parent).tree)
            }
            _ = try reader.manifestID(of: commit)
        }
        return damage
    }

    private func worktreeDifferences() throws(GitError) -> [SnapshotVerification.Difference] {
        let worktree = try DirectoryHandle.open(request.worktree.path)
        let gitdir = try DirectoryHandle.open(request.worktree.adminPath)
        return try differences(.worktree, beneath: worktree) + differences(.gitdir, beneath: gitdir)
    }

    private func differences(
        _ area: SnapshotEntry.Area, beneath root: DirectoryHandle
    ) throws(GitError) -> [SnapshotVerification.Difference] {
        let facts = Self.showsEveryStore(root) ? readFacts[area] ?? [:] : [:]
        let comparison = SnapshotComparison(
            manifest, area,
            trusting: { path, found in
                guard let read = facts[path] else { return false }
                return read.isSameState(as: found) && read.changedSeconds < started - Self.rest
            })
        return try comparison.differences(beneath: root)
    }

    /// Whether the first store to a clean page of a mapped file sets its change time.
    private static func showsEveryStore(_ directory: DirectoryHandle) -> Bool {
        var type: Int64 = 0
        // EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC of statfs(2).
        return runner_file_system_type(directory.descriptor, &type) == 0
            && [0xEF53, 0x5846_5342, 0x9123_683E].contains(type)
    }
}
