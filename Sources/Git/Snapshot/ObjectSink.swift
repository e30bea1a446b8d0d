import CLibgit2
import Glibc

/// Adds objects to a snapshot's pack; for one thread.
final class ObjectSink {
    let objects: SnapshotObjects
    private let database: OpaquePointer
    private var batch = PackBatch()
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

    init(_ objects: SnapshotObjects) throws(GitError) {
        self.objects = objects
        // A handle of its own, because libgit2's are for one thread.
        database = try gitPointer("open the object store") { git_odb_open(&$0, objects.hub.path + "/objects") }
    }

    deinit {
        git_odb_free(database)
        buffer.deallocate()
    }

    /// Adds one object; the bytes are copied.
    func add(_ bytes: UnsafeRawBufferPointer, as type: git_object_t = GIT_OBJECT_BLOB) throws(GitError) -> ObjectID {
        let kind = git_object_type2string(type).map { String(cString: $0) } ?? "blob"
        var hash = BlobHash(size: Int64(bytes.count), kind: kind)
        hash.add(bytes)
        guard let id = hash.finish() else { throw Self.changed }
        guard objects.claim(id, type) else { return id }
        if hubHas(id) {
            objects.release(id)
            return id
        }
        batch.add(bytes, as: type, id: id)
        if batch.bytes.count >= PackBatch.fullSize { try flush() }
        return id
    }

    func add(_ bytes: [UInt8], as type: git_object_t = GIT_OBJECT_BLOB) throws(GitError) -> ObjectID {
        try bytes.withBytes { (buffer) throws(GitError) in try add(buffer, as: type) }
    }

    /// Adds a file of at most `SnapshotObjects.largeSize`; throws `.modified` when it changes meanwhile.
    func add(_ file: OpenFile) throws(GitError) -> ObjectID {
        let size = Int(file.facts.size)
        // One byte more, to see that it has not grown.
        if buffer.count <= size {
            buffer.deallocate()
            buffer = .allocate(byteCount: size + 1, alignment: 16)
        }
        let whole = UnsafeMutableRawBufferPointer(rebasing: buffer[...size])
        guard try file.read(into: whole, at: 0) == size else { throw Self.changed }
        return try add(UnsafeRawBufferPointer(rebasing: whole[..<size]))
    }

    /// Adds a file of any size; no other sink may add meanwhile.
    func add(large file: OpenFile) throws(GitError) -> ObjectID {
        let id = try BlobHash.of(file)
        guard objects.claim(id, GIT_OBJECT_BLOB) else { return id }
        if hubHas(id) {
            objects.release(id)
            return id
        }
        try flush()
        var stream = try PackStream(objects.pack, as: GIT_OBJECT_BLOB, size: file.facts.size)
        var hash = BlobHash(size: file.facts.size)
        var isWhole = true
        try file.forEachPiece { (piece) throws(GitError) in
            hash.add(piece)
            if isWhole { isWhole = try stream.add(piece) }
        }
        guard isWhole, hash.finish() == id, try stream.finish(id: id) else { throw Self.changed }
        return id
    }

    /// Hands everything to the pack.
    func flush() throws(GitError) {
        try objects.pack.append(batch)
        batch.removeAll()
    }

    /// The type of an object, new or old; nil when there is none. One of the hub's is relied on from now on.
    func type(of id: ObjectID) -> git_object_t? {
        if let kind = objects.kind(of: id) { return kind }
        var size = 0
        var type = GIT_OBJECT_INVALID
        var oid = id.oid
        guard git_odb_read_header(&size, &type, database, &oid) == 0 else {
            git_error_clear()
            return nil
        }
        return type
    }

    private func hubHas(_ id: ObjectID) -> Bool {
        var oid = id.oid
        // Without a look for packs that are newer than the handle: one object stored twice does no harm.
        return git_odb_exists_ext(database, &oid, GIT_ODB_LOOKUP_NO_REFRESH.rawValue) == 1
    }

    private static var changed: GitError {
        GitError(code: .modified, operation: "store a file", message: "it changed while it was read")
    }
}
