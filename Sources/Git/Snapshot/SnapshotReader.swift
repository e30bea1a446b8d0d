import CLibgit2
import CPlatform
import Glibc

/// Reads a snapshot back from the hub's files; every object's content is hashed again and must match its id.
final class SnapshotReader {
    private let hub: Hub
    private let repository: GitRepository
    private let database: OpaquePointer

    init(hub: Hub) throws(GitError) {
        self.hub = hub
        repository = try hub.open()
        // A store of its own: nothing that another handle holds in memory can stand in for the disk.
        database = try gitPointer("open the object store") { git_odb_open(&$0, hub.path + "/objects") }
    }

    deinit {
        git_odb_free(database)
    }

    func commit(named reference: String) throws(GitError) -> ObjectID {
        guard let id = try repository.reference(reference) else {
            throw GitError(code: .notFound, operation: "read the snapshot '\(reference)'", message: "there is none")
        }
        return id
    }

    /// Reads an object of any type; throws when it is missing or broken.
    func check(_ id: ObjectID) throws(GitError) {
        var oid = id.oid
        var length = 0
        var type = GIT_OBJECT_INVALID
        try git("read object \(id)") { git_odb_read_header(&length, &type, database, &oid) }
        if type == GIT_OBJECT_BLOB { return try forEachPiece(of: id) { _ in } }
        git_odb_object_free(try gitPointer("read object \(id)") { git_odb_read(&$0, database, &oid) })
    }

    /// The content of an object; throws when it is missing, broken or of another type.
    func bytes(of id: ObjectID, _ type: git_object_t) throws(GitError) -> [UInt8] {
        var oid = id.oid
        let object = try gitPointer("read object \(id)") { git_odb_read(&$0, database, &oid) }
        defer { git_odb_object_free(object) }
        guard git_odb_object_type(object) == type else {
            throw GitError(code: .generic, operation: "read object \(id)", message: "it is of another type")
        }
        return Array(UnsafeRawBufferPointer(start: git_odb_object_data(object), count: git_odb_object_size(object)))
    }

    /// Hands over a blob in pieces; a large one never lies in memory whole unless maintenance made a delta of it.
    func forEachPiece(
        of id: ObjectID, _ body: (UnsafeRawBufferPointer) throws(GitError) -> Void
    ) throws(GitError) {
        var oid = id.oid
        var length = 0
        var type = GIT_OBJECT_INVALID
        try git("read object \(id)") { git_odb_read_header(&length, &type, database, &oid) }
        let isLarge = length > Int(SnapshotObjects.largeSize)
        if isLarge, try forEachPackedPiece(of: id, body) { return }
        var stream: UnsafeMutablePointer<git_odb_stream>?
        guard isLarge, git_odb_open_rstream(&stream, &length, &type, database, &oid) == 0 else {
            git_error_clear()
            return try bytes(of: id, GIT_OBJECT_BLOB).withBytes(body)
        }
        defer { git_odb_stream_free(stream) }
        var hash = BlobHash(size: Int64(length))
        var buffer = [CChar](repeating: 0, count: 1 << 20)
        while true {
            let count = try git("read object \(id)") { git_odb_stream_read(stream, &buffer, buffer.count) }
            if count == 0 { break }
            try buffer.withUnsafeBufferPointer { (bytes) throws(GitError) in
                let piece = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<Int(count)])
                hash.add(piece)
                try body(piece)
            }
        }
        guard hash.finish() == id else {
            throw GitError(code: .generic, operation: "read object \(id)", message: "its content is damaged")
        }
    }

    /// The same straight from a pack, which libgit2 can only read whole; false when it is in none, or as a delta.
    private func forEachPackedPiece(
        of id: ObjectID, _ body: (UnsafeRawBufferPointer) throws(GitError) -> Void
    ) throws(GitError) -> Bool {
        guard let (pack, offset) = try PackLookup.place(of: id, in: hub) else { return false }
        var isStarted = false
        let read = try PackObjectReader(pack).content(at: offset, upTo: pack.facts.size - 20) {
            (piece) throws(GitError) in
            isStarted = true
            try body(piece)
        }
        guard read?.id == id else {
            if read == nil, !isStarted { return false }
            throw GitError(code: .generic, operation: "read object \(id)", message: "its content is damaged")
        }
        return true
    }

    /// The tree and the parents that a commit names.
    func links(of commit: ObjectID) throws(GitError) -> (tree: ObjectID, parents: [ObjectID]) {
        let text = String(decoding: try bytes(of: commit, GIT_OBJECT_COMMIT), as: UTF8.self)
        var tree: ObjectID?
        var parents: [ObjectID] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { break }
            if line.hasPrefix("tree ") { tree = ObjectID(String(line.dropFirst(5))) }
            if line.hasPrefix("parent "), let id = ObjectID(String(line.dropFirst(7))) { parents.append(id) }
        }
        guard let tree else {
            throw GitError(code: .generic, operation: "read commit \(commit)", message: "it names no tree")
        }
        return (tree, parents)
    }

    /// The rows of one tree.
    func rows(of tree: ObjectID) throws(GitError) -> [(mode: [UInt8], name: [UInt8], id: ObjectID)] {
        let bytes = try bytes(of: tree, GIT_OBJECT_TREE)
        var rows: [(mode: [UInt8], name: [UInt8], id: ObjectID)] = []
        var rest = bytes[...]
        while let space = rest.firstIndex(of: 0x20), let zero = rest[space...].firstIndex(of: 0),
            rest.endIndex - zero > 20
        {
            var oid = git_oid()
            withUnsafeMutableBytes(of: &oid.id) { $0.copyBytes(from: rest[(zero + 1)...(zero + 20)]) }
            rows.append((Array(rest[..<space]), Array(rest[(space + 1)..<zero]), ObjectID(oid)))
            rest = rest[(zero + 21)...]
        }
        return rows
    }

    func manifest(of commit: ObjectID) throws(GitError) -> SnapshotManifest {
        try SnapshotManifest(text: try bytes(of: manifestID(of: commit), GIT_OBJECT_BLOB))
    }

    func manifestID(of commit: ObjectID) throws(GitError) -> ObjectID {
        let top = try rows(of: links(of: commit).tree)
        guard let row = top.first(where: { $0.name == Array("manifest".utf8) }) else {
            throw GitError(code: .generic, operation: "read the snapshot \(commit)", message: "it has no manifest")
        }
        return row.id
    }
}
