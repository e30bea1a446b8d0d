import CLibgit2
import Glibc

/// Collects new objects in memory and writes them into the hub as packs; objects that the hub has are not stored twice.
///
/// Files above `largeSize` are streamed into the hub one by one, so memory stays below about `flushSize`.
final class SnapshotObjects {
    static let largeSize: Int64 = 8 << 20
    static let flushSize = 128 << 20

    private let hub: Hub
    private let repository: GitRepository
    private let database: OpaquePointer
    private let memory: UnsafeMutablePointer<git_odb_backend>
    private let loose: OpaquePointer
    private var fresh: [ObjectID] = []
    private var known: Set<ObjectID> = []
    private var held = 0

    init(hub: Hub) throws(GitError) {
        self.hub = hub
        repository = try hub.open()
        try PackSettings.apply(to: repository.pointer)
        let objects = hub.path + "/objects"
        loose = try gitPointer("open the object store") { git_odb_open(&$0, objects) }
        do throws(GitError) {
            database = try gitPointer("open the object store") { git_odb_open(&$0, objects) }
        } catch {
            git_odb_free(loose)
            throw error
        }
        var backend: UnsafeMutablePointer<git_odb_backend>?
        let made = git_mempack_new(&backend)
        guard made == 0, let backend else {
            git_odb_free(database)
            git_odb_free(loose)
            throw GitError.last(code: made, operation: "make an object store in memory")
        }
        memory = backend
        // The highest priority: writes go to memory, reads ask it first.
        try git("add an object store in memory") { git_odb_add_backend(database, backend, 999) }
        try git("use the object store in memory") { git_repository_set_odb(repository.pointer, database) }
    }

    deinit {
        git_odb_free(loose)
        git_odb_free(database)
    }

    /// Adds one object; the bytes are copied.
    func add(_ bytes: UnsafeRawBufferPointer, as type: git_object_t = GIT_OBJECT_BLOB) throws(GitError) -> ObjectID {
        var oid = git_oid()
        // libgit2 wants an address even for no bytes at all.
        var nothing: UInt8 = 0
        try git("store an object") {
            if let start = bytes.baseAddress { return git_odb_write(&oid, database, start, bytes.count, type) }
            return git_odb_write(&oid, database, &nothing, 0, type)
        }
        let id = ObjectID(oid)
        if memory.pointee.exists?(memory, &oid) == 1, known.insert(id).inserted {
            fresh.append(id)
            held += bytes.count
        }
        if held > Self.flushSize { try flush() }
        return id
    }

    func add(_ bytes: [UInt8], as type: git_object_t = GIT_OBJECT_BLOB) throws(GitError) -> ObjectID {
        try bytes.withUnsafeBufferPointer { (buffer) throws(GitError) in
            try add(UnsafeRawBufferPointer(buffer), as: type)
        }
    }

    /// Adds a file's content, of any size; throws `.modified` when it changes meanwhile.
    func add(_ file: OpenFile) throws(GitError) -> ObjectID {
        guard file.facts.size > Self.largeSize else {
            let bytes = try file.bytes()
            guard bytes.count == file.facts.size else { throw Self.changed }
            return try add(bytes)
        }
        let id = try BlobHash.of(file)
        var oid = id.oid
        if git_odb_exists(loose, &oid) == 1 { return id }
        var stream: UnsafeMutablePointer<git_odb_stream>?
        let size = git_object_size_t(file.facts.size)
        try git("store a large file") { git_odb_open_wstream(&stream, loose, size, GIT_OBJECT_BLOB) }
        defer { git_odb_stream_free(stream) }
        var rest = file.facts.size
        try file.forEachPiece { (piece) throws(GitError) in
            rest -= Int64(piece.count)
            guard rest >= 0 else { throw Self.changed }
            let start = piece.baseAddress?.assumingMemoryBound(to: CChar.self)
            try git("store a large file") { git_odb_stream_write(stream, start, piece.count) }
        }
        guard rest == 0 else { throw Self.changed }
        try git("store a large file") { git_odb_stream_finalize_write(&oid, stream) }
        guard ObjectID(oid) == id else { throw Self.changed }
        let folder = "\(hub.path)/objects/\(id.hex.prefix(2))"
        try HubDurability.sync("\(folder)/\(id.hex.dropFirst(2))")
        try HubDurability.sync(folder)
        return id
    }

    /// The type of an object, new or old; nil when there is none.
    func type(of id: ObjectID) -> git_object_t? {
        var size = 0
        var type = GIT_OBJECT_INVALID
        var oid = id.oid
        guard git_odb_read_header(&size, &type, database, &oid) == 0 else {
            git_error_clear()
            return nil
        }
        return type
    }

    /// Writes what is held in memory as one pack, and returns when it is on the disk.
    func flush() throws(GitError) {
        guard !fresh.isEmpty else { return }
        let builder = try gitPointer("start a pack") { git_packbuilder_new(&$0, repository.pointer) }
        defer { git_packbuilder_free(builder) }
        git_packbuilder_set_threads(builder, 0)
        for id in fresh {
            var oid = id.oid
            try git("add an object to a pack") { git_packbuilder_insert(builder, &oid, nil) }
        }
        let folder = hub.path + "/objects/pack"
        try git("write a pack") { git_packbuilder_write(builder, folder, 0, nil, nil) }
        guard let name = git_packbuilder_name(builder) else {
            throw GitError(code: .generic, operation: "write a pack", message: "it has no name")
        }
        let path = "\(folder)/pack-\(String(cString: name))"
        try HubDurability.sync(path + ".pack")
        try HubDurability.sync(path + ".idx")
        try HubDurability.sync(folder)
        try git("empty the object store in memory") { git_mempack_reset(memory) }
        fresh = []
        held = 0
    }

    private static var changed: GitError {
        GitError(code: .modified, operation: "store a file", message: "it changed while it was read")
    }
}
