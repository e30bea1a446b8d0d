import CLibgit2
import Glibc
import Synchronization

/// What one snapshot puts into the hub: new objects go into one pack, and those that the hub has are not stored twice.
///
/// Shared by all threads of a snapshot; each adds through an `ObjectSink` of its own.
final class SnapshotObjects: Sendable {
    /// Files above this size, in bytes, are streamed and never lie in memory whole.
    static let largeSize: Int64 = 8 << 20

    let hub: Hub
    let pack: PackWriter
    private let kinds = Mutex<[ObjectID: git_object_t]>([:])
    private let outside = Mutex<Set<ObjectID>>([])

    init(hub: Hub) throws(GitError) {
        self.hub = hub
        try GitLibrary.start()
        pack = try PackWriter(hub: hub)
    }

    /// Objects of the hub that the snapshot relies on.
    var relied: Set<ObjectID> { outside.withLock { $0 } }

    func rely(on id: ObjectID) {
        outside.withLock { _ = $0.insert(id) }
    }

    /// The type of an object that this snapshot adds.
    func kind(of id: ObjectID) -> git_object_t? {
        kinds.withLock { $0[id] }
    }

    /// True for exactly one caller, who then adds the object.
    func claim(_ id: ObjectID, _ type: git_object_t) -> Bool {
        if outside.withLock({ $0.contains(id) }) { return false }
        return kinds.withLock { kinds in
            if kinds[id] != nil { return false }
            kinds[id] = type
            return true
        }
    }

    /// Takes a claim back: the hub has the object.
    func release(_ id: ObjectID) {
        rely(on: id)
        kinds.withLock { $0[id] = nil }
    }
}
