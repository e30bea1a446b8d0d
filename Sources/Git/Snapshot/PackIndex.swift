import CLibgit2
import Crypto

/// The index of a pack, version 2 of gitformat-pack(5): which objects it holds, ordered by id, and where.
struct PackIndex {
    let rows: [PackRow]
    let packChecksum: [UInt8]
    /// The file's content.
    let bytes: [UInt8]

    /// `rows` must be ordered by id.
    init(rows: [PackRow], packChecksum: [UInt8]) {
        self.rows = rows
        self.packChecksum = packChecksum
        var bytes: [UInt8] = [0xFF, 0x74, 0x4F, 0x63]
        bytes.reserveCapacity(1100 + rows.count * 28)
        PackBatch.appendBigEndian(2, to: &bytes)
        let ids = rows.map(\.id.oid)
        var counts = [UInt32](repeating: 0, count: 256)
        for id in ids { counts[Int(id.id.0)] += 1 }
        var total: UInt32 = 0
        for count in counts {
            total += count
            PackBatch.appendBigEndian(total, to: &bytes)
        }
        for id in ids { withUnsafeBytes(of: id.id) { bytes.append(contentsOf: $0) } }
        for row in rows { PackBatch.appendBigEndian(row.checksum, to: &bytes) }
        var distant: [Int64] = []
        for row in rows {
            if row.offset < 1 << 31 {
                PackBatch.appendBigEndian(UInt32(row.offset), to: &bytes)
            } else {
                PackBatch.appendBigEndian(UInt32(distant.count) | 1 << 31, to: &bytes)
                distant.append(row.offset)
            }
        }
        for offset in distant { withUnsafeBytes(of: offset.bigEndian) { bytes.append(contentsOf: $0) } }
        bytes += packChecksum
        bytes += Array(bytes.withUnsafeBytes { Insecure.SHA1.hash(bufferPointer: $0) })
        self.bytes = bytes
    }
}

extension Insecure.SHA1 {
    fileprivate static func hash(bufferPointer: UnsafeRawBufferPointer) -> Digest {
        var hash = Insecure.SHA1()
        hash.update(bufferPointer: bufferPointer)
        return hash.finalize()
    }
}
