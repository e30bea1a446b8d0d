import CLibgit2
import Crypto
import Glibc

/// The id that Git gives to a content, computed piece by piece without an object store.
struct BlobHash {
    private var hash = Insecure.SHA1()
    private var rest: Int64

    /// `size` is part of what is hashed, so it must be known first.
    init(size: Int64, kind: String = "blob") {
        rest = size
        let header = Array("\(kind) \(size)\0".utf8)
        header.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }

    mutating func add(_ piece: UnsafeRawBufferPointer) {
        hash.update(bufferPointer: piece)
        rest -= Int64(piece.count)
    }

    /// Nil when the content did not have the announced size.
    func finish() -> ObjectID? {
        guard rest == 0 else { return nil }
        return ObjectID(Self.hex(Array(hash.finalize())))
    }

    /// Two digits for each byte.
    static func hex(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            for (position, byte) in bytes.enumerated() {
                text[2 * position] = digit(byte >> 4)
                text[2 * position + 1] = digit(byte & 15)
            }
            return bytes.count * 2
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The id of a file's content on disk.
    static func of(_ file: OpenFile) throws(GitError) -> ObjectID {
        var hash = BlobHash(size: file.facts.size)
        try file.forEachPiece { hash.add($0) }
        guard let id = hash.finish() else {
            throw GitError(code: .modified, operation: "hash a file", message: "it changed while it was read")
        }
        return id
    }

    static func of(_ bytes: [UInt8]) throws(GitError) -> ObjectID {
        var hash = BlobHash(size: Int64(bytes.count))
        bytes.withUnsafeBytes { hash.add($0) }
        guard let id = hash.finish() else {
            throw GitError(code: .generic, operation: "hash a content", message: "its size is wrong")
        }
        return id
    }
}
