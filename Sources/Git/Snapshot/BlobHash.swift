import CLibgit2
import Crypto
import Glibc

/// The id that Git gives to a content, computed piece by piece without an object store.
struct BlobHash {
    private var hash = Insecure.SHA1()
    private var rest: Int64

    /// `size` is part of what is hashed, so it must be known first.
    init(size: Int64) {
        rest = size
        let header = Array("blob \(size)\0".utf8)
        header.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }

    mutating func add(_ piece: UnsafeRawBufferPointer) {
        hash.update(bufferPointer: piece)
        rest -= Int64(piece.count)
    }

    /// Nil when the content did not have the announced size.
    func finish() -> ObjectID? {
        guard rest == 0 else { return nil }
        let digits = hash.finalize().map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return ObjectID(digits.joined())
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
