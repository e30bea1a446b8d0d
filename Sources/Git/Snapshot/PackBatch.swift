import CLibgit2
import CZlib

/// Objects encoded as a pack holds them, gathered until they are worth a write.
///
/// Contents are stored and not compressed: for small files that is what makes saving as fast as `tar`, and large ones
/// are compressed by `PackStream`.
struct PackBatch {
    private(set) var bytes: [UInt8] = []
    /// Offsets are those in `bytes`.
    private(set) var rows: [PackRow] = []

    /// The size at which a batch is worth a write, in bytes.
    static let fullSize = 1 << 20
    /// What a stored block of deflate holds at most, in bytes (RFC 1951, 3.2.4).
    private static let blockSize = 65_535

    mutating func add(_ content: UnsafeRawBufferPointer, as type: git_object_t, id: ObjectID) {
        let start = bytes.count
        bytes.reserveCapacity(max(start + content.count + 64, min(2 * bytes.capacity, 2 * Self.fullSize)))
        Self.appendHeader(type, size: content.count, to: &bytes)
        // Deflate with a window of 32 KiB, fastest level (RFC 1950, 2.2).
        bytes += [0x78, 0x01]
        var rest = content[...]
        repeat {
            let block = rest.prefix(Self.blockSize)
            rest = rest.dropFirst(block.count)
            let (low, high) = (UInt8(block.count & 0xFF), UInt8(block.count >> 8))
            bytes += [rest.isEmpty ? 1 : 0, low, high, ~low, ~high]
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: block))
        } while !rest.isEmpty
        let sum = adler32(1, content.baseAddress?.assumingMemoryBound(to: UInt8.self), uInt(content.count))
        // Adler-32 of nothing is 1; zlib itself takes a missing address for a question.
        Self.appendBigEndian(UInt32(truncatingIfNeeded: content.isEmpty ? 1 : sum), to: &bytes)
        let check = bytes.withUnsafeBufferPointer { buffer in
            crc32(0, buffer.baseAddress.map { $0 + start }, uInt(buffer.count - start))
        }
        rows.append(PackRow(id: id, checksum: UInt32(truncatingIfNeeded: check), offset: Int64(start)))
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        rows.removeAll(keepingCapacity: true)
    }

    /// Type and size of an object as in gitformat-pack(5): four bits of the size first, then seven in each byte.
    static func appendHeader(_ type: git_object_t, size: Int, to bytes: inout [UInt8]) {
        var first = UInt8(truncatingIfNeeded: type.rawValue) << 4 | UInt8(size & 0x0F)
        var rest = size >> 4
        while rest > 0 {
            bytes.append(first | 0x80)
            first = UInt8(rest & 0x7F)
            rest >>= 7
        }
        bytes.append(first)
    }

    static func appendBigEndian(_ value: UInt32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
