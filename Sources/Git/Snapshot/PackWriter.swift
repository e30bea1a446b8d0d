import CLibgit2
import CPlatform
import Crypto
import Glibc
import Synchronization

/// Writes one pack with its index into a hub, from several threads at once; no name is there before it is complete.
final class PackWriter: Sendable {
    private struct State {
        var end: Int64 = 12
        var rows: [PackRow] = []
    }

    private let folder: DirectoryHandle
    private let file: UnnamedFile
    private let state = Mutex(State())

    init(hub: Hub) throws(GitError) {
        folder = try DirectoryHandle.open(hub.path + "/objects/pack")
        file = try UnnamedFile(in: folder)
    }

    /// Appends what a batch holds.
    func append(_ batch: PackBatch) throws(GitError) {
        let start = state.withLock { state in
            let start = state.end
            state.end += Int64(batch.bytes.count)
            for var row in batch.rows {
                row.offset += start
                state.rows.append(row)
            }
            return start
        }
        try batch.bytes.withBytes { (bytes) throws(GitError) in try file.write(bytes, at: start) }
        // The disk works while the next files are read.
        runner_start_writeback(file.descriptor, start, Int64(batch.bytes.count))
    }

    /// Appends a part of an object that is written in several; nobody else may append meanwhile. Returns its offset.
    func append(piece: UnsafeRawBufferPointer) throws(GitError) -> Int64 {
        let start = state.withLock { state in
            defer { state.end += Int64(piece.count) }
            return state.end
        }
        try file.write(piece, at: start)
        runner_start_writeback(file.descriptor, start, Int64(piece.count))
        return start
    }

    /// Adds the object that was written in pieces.
    func add(_ row: PackRow) {
        state.withLock { $0.rows.append(row) }
    }

    /// Completes the pack and returns when it and its index are on the disk under their names; nil when it is empty.
    func finish() throws(GitError) -> PackProof? {
        let (end, rows) = state.withLock { ($0.end, $0.rows) }
        guard !rows.isEmpty else { return nil }
        guard let count = UInt32(exactly: rows.count) else {
            throw GitError(code: .generic, operation: "write a pack", message: "it has too many objects")
        }
        var header = Array("PACK".utf8)
        PackBatch.appendBigEndian(2, to: &header)
        PackBatch.appendBigEndian(count, to: &header)
        try header.withBytes { (bytes) throws(GitError) in try file.write(bytes, at: 0) }
        let checksum = try hash(upTo: end)
        try checksum.withBytes { (bytes) throws(GitError) in try file.write(bytes, at: end) }
        let index = PackIndex(rows: rows.sorted { $0.id.hex < $1.id.hex }, packChecksum: checksum)
        let indexFile = try UnnamedFile(in: folder)
        try index.bytes.withBytes { (bytes) throws(GitError) in try indexFile.write(bytes, at: 0) }
        let name = "pack-" + BlobHash.hex(checksum)
        // Git looks for the index, so the pack has its name first.
        try file.publish(as: name + ".pack")
        try indexFile.publish(as: name + ".idx")
        guard fsync(folder.descriptor) == 0 else { throw .system("flush the packs of the hub", errno: errno) }
        return PackProof(folder: folder, name: name, index: index, size: end + 20)
    }

    /// The checksum of the whole pack, read back: its header holds the number of objects, known only now.
    private func hash(upTo end: Int64) throws(GitError) -> [UInt8] {
        var hash = Insecure.SHA1()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var offset: Int64 = 0
        while offset < end {
            let count = pread(file.descriptor, buffer.baseAddress, min(buffer.count, Int(end - offset)), off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("read a pack back", errno: count < 0 ? errno : EIO) }
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            offset += Int64(count)
        }
        return Array(hash.finalize())
    }
}
