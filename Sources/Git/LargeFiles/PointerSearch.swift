import CLibgit2

/// Collects what pointers among a repository's objects point to.
struct PointerSearch {
    let odb: OpaquePointer
    var found: Set<String> = []
    var isComplete = true

    private static let key = Array("oid sha256:".utf8)

    mutating func look(at id: UnsafePointer<git_oid>) {
        var (size, type) = (0, GIT_OBJECT_INVALID)
        guard git_odb_read_header(&size, &type, odb, id) == 0 else { return isComplete = false }
        guard type == GIT_OBJECT_BLOB, size < LargeFilePointer.limit, size >= Self.key.count + 64 else { return }
        var object: OpaquePointer?
        guard git_odb_read(&object, odb, id) == 0, let object else { return isComplete = false }
        defer { git_odb_object_free(object) }
        let bytes = Array(UnsafeRawBufferPointer(start: git_odb_object_data(object), count: size))
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.starts(with: Self.key) {
            found.insert(String(decoding: line.dropFirst(Self.key.count).prefix(64), as: UTF8.self))
        }
    }
}
