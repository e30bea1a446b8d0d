import CLibgit2

/// Reads objects of one open repository straight from its stores, without computing their hashes once more.
///
/// libgit2 verifies each object that it reads, which takes a third of a checkout; it can only be switched off for the
/// whole process, where snapshots rely on it. zlib's checksum and the sizes are checked all the same. What is in `packs`
/// is unpacked here; what is not, or is unusual, by libgit2. One thread.
struct BlobReader: ~Copyable {
    private let odb: OpaquePointer
    private let backends: [UnsafeMutablePointer<git_odb_backend>]
    private var packs: PackReader

    init(_ repository: borrowing GitRepository, packs: [PackFile] = []) throws(GitError) {
        let odb = try gitPointer("open the object store") { git_repository_odb(&$0, repository.pointer) }
        var found: [UnsafeMutablePointer<git_odb_backend>] = []
        for position in 0..<git_odb_num_backends(odb) {
            var backend: UnsafeMutablePointer<git_odb_backend>?
            if git_odb_get_backend(&backend, odb, position) == 0, let backend { found.append(backend) }
        }
        self.odb = odb
        backends = found
        self.packs = PackReader(packs)
    }

    deinit {
        git_odb_free(odb)
    }

    /// Lends the content of blob `id` to `body`.
    mutating func read<R>(
        _ id: git_oid, _ body: (UnsafeRawBufferPointer) throws(GitError) -> R
    ) throws(GitError) -> R {
        if let content = packs.blob(id) {
            return try content.withBytes(body)
        }
        var id = id
        for backend in backends {
            var (data, size, type) = (UnsafeMutableRawPointer?.none, 0, GIT_OBJECT_INVALID)
            guard let read = backend.pointee.read, read(&data, &size, &type, backend, &id) == 0 else {
                git_error_clear()
                continue
            }
            defer { git_odb_backend_data_free(backend, data) }
            try Self.requireBlob(type, id)
            return try body(UnsafeRawBufferPointer(start: data, count: size))
        }
        // A pack that came after the store was opened is found this way only.
        let object = try gitPointer("read blob \(ObjectID(id).short)") { git_odb_read(&$0, odb, &id) }
        defer { git_odb_object_free(object) }
        try Self.requireBlob(git_odb_object_type(object), id)
        return try body(UnsafeRawBufferPointer(start: git_odb_object_data(object), count: git_odb_object_size(object)))
    }

    private static func requireBlob(_ type: git_object_t, _ id: git_oid) throws(GitError) {
        if type == GIT_OBJECT_BLOB { return }
        throw GitError(code: .generic, operation: "read blob \(ObjectID(id).short)", message: "it is not a blob")
    }
}
