import Foundation

/// Searches and compares bytes.
enum ByteScan {
    /// The first `\n` at or after `start`; the count when there is none.
    static func newline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress, start < bytes.count,
            let hit = memchr(base + start, 0x0A, bytes.count - start)
        else { return bytes.count }
        return UnsafeRawPointer(hit) - base
    }

    /// Whether `word` stands at `range`.
    static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard range.count == count else { return false }
        return bytes.extracting(range).withUnsafeBufferPointer { part in
            part.baseAddress.map { memcmp($0, word.utf8Start, count) == 0 } ?? true
        }
    }
}
