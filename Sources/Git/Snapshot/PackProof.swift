import CLibgit2
import CPlatform
import CZlib
import Crypto
import Dispatch
import Glibc
import Synchronization

/// Proves that a pack just written lies on the disk whole: every byte of it and of its index is read again.
///
/// The files are opened anew by their names and the kernel is told to forget what it holds of them in memory. The index
/// must be what was written, byte for byte; each object, read where the index says, must inflate to a content whose
/// SHA-1 is its id, with the checksum that the index has; and objects, header and trailer fill the pack without a gap.
struct PackProof: Sendable {
    let folder: DirectoryHandle
    let name: String
    let index: PackIndex
    /// Of the pack, in bytes.
    let size: Int64

    /// What is wrong, one sentence each; empty means proven.
    func damage() -> [String] {
        do throws(GitError) {
            let stored = try open(name + ".idx")
            var content = [UInt8](repeating: 0, count: index.bytes.count + 1)
            try content.withMutableBytes { (buffer) throws(GitError) in
                guard try stored.read(into: buffer, at: 0) == index.bytes.count else { throw broken("index") }
            }
            guard content.dropLast().elementsEqual(index.bytes) else { throw broken("index") }
            let pack = try open(name + ".pack")
            try checkEnds(pack)
            return checkObjects(pack)
        } catch {
            return [error.description]
        }
    }

    private func broken(_ what: String) -> GitError {
        GitError(code: .generic, operation: "read back '\(name)'", message: "the \(what) is not as it was written")
    }

    private func open(_ file: String) throws(GitError) -> OpenFile {
        let file = try OpenFile(Array(file.utf8), in: folder)
        // They were flushed, so the next reads come from the disk.
        posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED)
        return file
    }

    private func checkEnds(_ pack: OpenFile) throws(GitError) {
        var header = Array("PACK".utf8)
        PackBatch.appendBigEndian(2, to: &header)
        PackBatch.appendBigEndian(UInt32(index.rows.count), to: &header)
        guard pack.facts.size == size, try pack.bytes(at: 0, count: 12) == header,
            try pack.bytes(at: size - 20, count: 20) == index.packChecksum
        else { throw broken("pack") }
    }

    /// Two threads, each with half of the bytes.
    private func checkObjects(_ pack: OpenFile) -> [String] {
        let rows = index.rows.sorted { $0.offset < $1.offset }
        let middle = rows.firstIndex { $0.offset >= size / 2 } ?? rows.count
        let parts = [rows[..<middle], rows[middle...]]
        let damage = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { number in
            do throws(GitError) {
                let after = number == 0 && middle < rows.count ? rows[middle].offset : size - 20
                try PackObjectReader(pack).check(parts[number], upTo: after)
            } catch {
                damage.withLock { $0.append(error.description) }
            }
        }
        return damage.withLock { $0 }
    }
}
