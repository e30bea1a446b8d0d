import CLibgit2
import Crypto
import Glibc

/// The bytes of an index that describes a fresh checkout (gitformat-index, version 2; 3 when something is left out).
struct IndexFile {
    private(set) var bytes: [UInt8] = []

    init(_ plan: CheckoutPlan, stamps: CheckoutStamps) {
        let isSparse = plan.entries.contains(where: \.isSkipped)
        bytes.reserveCapacity(plan.entries.count * 72 + plan.bytes.count * 2)
        bytes += Array("DIRC".utf8)
        append(UInt32(isSparse ? 3 : 2))
        append(UInt32(plan.entries.count))
        plan.bytes.withUnsafeBytes { paths in
            for (number, entry) in plan.entries.enumerated() { append(entry, stamps[number], paths) }
        }
        // Only what git itself would write: it trusts this part without looking.
        if plan.isRegular { append("TREE", trees(plan)) }
    }

    /// Adds a part of its own; `signature` has four letters, the first a capital when readers may pass over it.
    mutating func append(_ signature: String, _ content: [UInt8]) {
        bytes += Array(signature.utf8)
        append(UInt32(content.count))
        bytes += content
    }

    /// With the hash that ends an index.
    consuming func finished() -> [UInt8] {
        Self.finished(bytes)
    }

    static func finished(_ bytes: consuming [UInt8]) -> [UInt8] {
        let hash = Insecure.SHA1.hash(data: bytes)
        bytes += Array(hash)
        return bytes
    }

    private mutating func append(
        _ entry: CheckoutPlan.Entry, _ stamp: FileStamp, _ paths: UnsafeRawBufferPointer
    ) {
        let extended: UInt16 = entry.isSkipped ? 0x4000 : 0
        let facts = (
            stamp.changeSeconds.bigEndian, stamp.changeNanoseconds.bigEndian, stamp.seconds.bigEndian,
            stamp.nanoseconds.bigEndian, stamp.device.bigEndian, stamp.inode.bigEndian, entry.mode.bigEndian,
            stamp.user.bigEndian, stamp.group.bigEndian, stamp.size.bigEndian
        )
        withUnsafeBytes(of: facts) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: entry.id) { bytes.append(contentsOf: $0) }
        append(UInt16(min(entry.pathLength, 0xFFF)) | extended)
        if entry.isSkipped { append(UInt16(0x4000)) }
        bytes.append(contentsOf: paths[entry.path..<(entry.path + entry.pathLength)])
        // One to eight zero bytes, to a multiple of eight.
        let length = (entry.isSkipped ? 64 : 62) + entry.pathLength
        for _ in 0..<(8 - length % 8) { bytes.append(0) }
    }

    /// The cache-tree: with it the first status and the first commit compute no tree.
    private func trees(_ plan: CheckoutPlan) -> [UInt8] {
        var trees: [UInt8] = []
        for folder in plan.folders {
            plan.appendName(of: folder, to: &trees)
            trees += Array("\(folder.entryCount) \(folder.subtreeCount)\n".utf8)
            withUnsafeBytes(of: folder.tree) { trees.append(contentsOf: $0) }
        }
        return trees
    }

    private mutating func append(_ value: UInt32) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ value: UInt16) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
