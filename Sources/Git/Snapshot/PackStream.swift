import CLibgit2
import CZlib

/// Writes one large object into a pack, compressed as it passes.
///
/// Nobody else may append to the pack until `finish`.
struct PackStream: ~Copyable {
    private let pack: PackWriter
    private let stream: UnsafeMutablePointer<z_stream>
    private var offset: Int64 = 0
    private var checksum: UInt
    private var rest: Int64
    private let piece = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256 << 10)

    init(_ pack: PackWriter, as type: git_object_t, size: Int64) throws(GitError) {
        self.pack = pack
        rest = size
        var header: [UInt8] = []
        PackBatch.appendHeader(type, size: Int(size), to: &header)
        checksum = header.withUnsafeBufferPointer { crc32(0, $0.baseAddress, uInt($0.count)) }
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard runner_deflate_init(stream, Z_BEST_SPEED) == Z_OK else {
            throw GitError(code: .generic, operation: "compress a large file", message: "there is not enough memory")
        }
        offset = try header.withBytes { (bytes) throws(GitError) in try pack.append(piece: bytes) }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        piece.deallocate()
    }

    /// Takes the next part of the content; false when it is more than was announced.
    mutating func add(_ content: UnsafeRawBufferPointer) throws(GitError) -> Bool {
        rest -= Int64(content.count)
        guard rest >= 0 else { return false }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: content.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = uInt(content.count)
        while stream.pointee.avail_in > 0 { try push(Z_NO_FLUSH) }
        return true
    }

    /// Completes the object under its id; false when it was less than was announced.
    mutating func finish(id: ObjectID) throws(GitError) -> Bool {
        guard rest == 0 else { return false }
        while try push(Z_FINISH) != Z_STREAM_END {}
        pack.add(PackRow(id: id, checksum: UInt32(truncatingIfNeeded: checksum), offset: offset))
        return true
    }

    @discardableResult
    private mutating func push(_ mode: Int32) throws(GitError) -> Int32 {
        stream.pointee.next_out = piece.baseAddress
        stream.pointee.avail_out = uInt(piece.count)
        let result = deflate(stream, mode)
        guard result == Z_OK || result == Z_STREAM_END else {
            throw GitError(code: .generic, operation: "compress a large file", message: "zlib error \(result)")
        }
        let made = piece.count - Int(stream.pointee.avail_out)
        guard made > 0 else { return result }
        checksum = crc32(checksum, piece.baseAddress, uInt(made))
        _ = try pack.append(piece: UnsafeRawBufferPointer(start: piece.baseAddress, count: made))
        return result
    }
}
