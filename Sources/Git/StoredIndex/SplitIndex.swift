import CLibgit2

/// How an index changes the one that it is based on (gitformat-index, "Split index").
struct SplitIndex {
    /// Names the file of the other one; nil when there is none.
    let shared: ObjectID?
    private let deleted: [Int]
    private let replaced: [Int]

    /// Nil when the part is damaged.
    init?(_ content: ArraySlice<UInt8>) {
        var reader = IndexReader(bytes: content)
        guard let id = reader.id() else { return nil }
        shared = withUnsafeBytes(of: id) { $0.allSatisfy { $0 == 0 } } ? nil : ObjectID(id)
        if reader.isAtEnd {
            (deleted, replaced) = ([], [])
            return
        }
        guard let deleted = Self.bits(&reader), let replaced = Self.bits(&reader) else { return nil }
        (self.deleted, self.replaced) = (deleted, replaced)
    }

    /// The entries of both; nil when they do not fit.
    ///
    /// Of those of the upper one the first, without a path, take the place of others; the rest are new.
    func merge(_ upper: [StoredIndex.Entry], into base: [StoredIndex.Entry]) -> [StoredIndex.Entry]? {
        guard replaced.count <= upper.count, (replaced + deleted).allSatisfy({ $0 < base.count }) else { return nil }
        var merged = base
        for (place, entry) in zip(replaced, upper) {
            guard entry.path.isEmpty else { return nil }
            merged[place].facts = entry.facts
        }
        let gone = Set(deleted)
        var kept = merged.indices.filter { !gone.contains($0) }.map { merged[$0] }
        let added = upper.dropFirst(replaced.count)
        guard added.allSatisfy({ !$0.path.isEmpty }) else { return nil }
        let names = Set(added.map { $0.path + [0, UInt8($0.stage)] })
        kept.removeAll { names.contains($0.path + [0, UInt8($0.stage)]) }
        return (kept + added).sorted {
            $0.path == $1.path ? $0.stage < $1.stage : $0.path.lexicographicallyPrecedes($1.path)
        }
    }

    /// The set bits of a compressed bitmap (gitformat-bitmap, appendix A); nil when it is damaged.
    private static func bits(_ reader: inout IndexReader) -> [Int]? {
        guard let size = reader.word(), let count = reader.word(), size <= CheckoutPlan.entryLimit else {
            return nil
        }
        var (found, bit, rest): ([Int], Int, Int) = ([], 0, Int(count))
        while rest > 0 {
            guard let run = long(&reader) else { return nil }
            let (length, literals) = (Int(run >> 1 & 0xFFFF_FFFF) * 64, Int(run >> 33))
            guard bit + length <= Int(size) + 64, literals < rest else { return nil }
            if run & 1 == 1 { found += bit..<(bit + length) }
            bit += length
            for _ in 0..<literals {
                guard let word = long(&reader) else { return nil }
                found += (0..<64).filter { word >> UInt64($0) & 1 == 1 }.map { bit + $0 }
                bit += 64
            }
            rest -= 1 + literals
        }
        // Where a writer would go on.
        return reader.word().map { _ in found }
    }

    private static func long(_ reader: inout IndexReader) -> UInt64? {
        reader.take(8)?.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
