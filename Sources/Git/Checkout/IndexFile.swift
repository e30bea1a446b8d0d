import CLibgit2
import Crypto
import Glibc

/// The bytes of an index that describes a fresh checkout (gitformat-index, version 2; 3 when something is left out).
struct IndexFile {
    private(set) var bytes: [UInt8] = []

    init(_ plan: CheckoutPlan, stamps: CheckoutStamps) {
        let isSparse = plan.entries.contains(where: \.isSkipped)
        bytes.reserveCapacity(plan.entries.count * 64 + plan.bytes.count * 2)
        bytes += Array("DIRC".utf8)
        append(UInt32(isSparse ? 3 : 2))
        append(UInt32(plan.entries.count))
        for (number, entry) in plan.entries.enumerated() {
            append(entry, stamps[number], in: plan)
        }
        // Only what git itself would write: it trusts this part without looking.
        if plan.isRegular { appendTrees(plan) }
        bytes += Array(Insecure.SHA1.hash(data: bytes))
    }

    private mutating func append(_ entry: CheckoutPlan.Entry, _ stamp: FileStamp, in plan: CheckoutPlan) {
        let start = bytes.count
        for value in [
            stamp.changeSeconds, stamp.changeNanoseconds, stamp.seconds, stamp.nanoseconds, stamp.device, stamp.inode,
            entry.mode, stamp.user, stamp.group, stamp.size,
        ] { append(value) }
        append(entry.id)
        let length = UInt16(min(entry.pathLength, 0xFFF))
        let extended: UInt16 = entry.isSkipped ? 0x4000 : 0
        append(length | extended)
        if entry.isSkipped { append(UInt16(0x4000)) }
        append(plan, entry.path, entry.pathLength)
        // One to eight zero bytes, to a multiple of eight.
        bytes.append(contentsOf: repeatElement(0, count: 8 - (bytes.count - start) % 8))
    }

    /// The cache-tree: with it the first status and the first commit compute no tree.
    private mutating func appendTrees(_ plan: CheckoutPlan) {
        let header = bytes.count
        bytes += Array("TREE".utf8)
        append(UInt32(0))
        let start = bytes.count
        for folder in plan.folders {
            var name = folder.nameStart
            while plan.bytes[name] != 0 {
                bytes.append(UInt8(bitPattern: plan.bytes[name]))
                name += 1
            }
            bytes.append(0)
            bytes += Array("\(folder.entryCount) \(folder.subtreeCount)\n".utf8)
            append(folder.tree)
        }
        let size = UInt32(bytes.count - start)
        for place in 0..<4 { bytes[header + 4 + place] = UInt8(truncatingIfNeeded: size >> (24 - 8 * UInt32(place))) }
    }

    private mutating func append(_ plan: CheckoutPlan, _ start: Int, _ length: Int) {
        plan.bytes.withUnsafeBytes { bytes.append(contentsOf: $0[start..<(start + length)]) }
    }

    private mutating func append(_ id: git_oid) {
        withUnsafeBytes(of: id) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ value: UInt32) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ value: UInt16) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
