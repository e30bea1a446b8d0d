import CLibgit2
import Glibc

/// What a hub has beyond commits that everybody can fetch, as one self-contained pack for another hub.
package struct CheckpointPack: Sendable, Hashable {
    /// A pack file, byte for byte; empty when there is nothing beyond the known commits.
    package let bytes: [UInt8]
    package let objects: Int

    /// Packs all that is reachable from `tips` and not from `known`; nil when that is more than `limit` bytes.
    ///
    /// Nothing is written to the hub. Memory is bounded by `limit` and the largest object. Throws `.notFound` for a
    /// commit that the hub does not have.
    package static func make(
        _ hub: Hub, tips: [ObjectID], known: [ObjectID], limit: Int
    ) throws(GitError) -> CheckpointPack? {
        let repository = try hub.open()
        try PackSettings.apply(to: repository.pointer)
        let walk = try gitPointer("walk the history") { git_revwalk_new(&$0, repository.pointer) }
        defer { git_revwalk_free(walk) }
        for tip in tips {
            var oid = tip.oid
            try git("walk from \(tip.short)") { git_revwalk_push(walk, &oid) }
        }
        for commit in known {
            var oid = commit.oid
            try git("leave out \(commit.short)") { git_revwalk_hide(walk, &oid) }
        }
        let builder = try gitPointer("start a pack") { git_packbuilder_new(&$0, repository.pointer) }
        defer { git_packbuilder_free(builder) }
        try git("collect the objects of a pack") { git_packbuilder_insert_walk(builder, walk) }
        let objects = git_packbuilder_object_count(builder)
        guard objects > 0 else { return CheckpointPack(bytes: [], objects: 0) }
        var collected = Collected(limit: limit)
        let result = withUnsafeMutablePointer(to: &collected) { git_packbuilder_foreach(builder, Collected.take, $0) }
        if collected.isOverLimit {
            git_error_clear()
            return nil
        }
        try git("write a pack") { result }
        return CheckpointPack(bytes: collected.bytes, objects: Int(objects))
    }

    /// Where the pieces of a pack go, until there are too many.
    private struct Collected {
        let limit: Int
        var bytes: [UInt8] = []
        var isOverLimit = false

        static let take: git_packbuilder_foreach_cb = { piece, size, payload in
            guard let piece, let collected = payload?.assumingMemoryBound(to: Collected.self) else { return -1 }
            guard collected.pointee.bytes.count + size <= collected.pointee.limit else {
                collected.pointee.isOverLimit = true
                return -1
            }
            collected.pointee.bytes.append(contentsOf: UnsafeRawBufferPointer(start: piece, count: size))
            return 0
        }
    }
}
