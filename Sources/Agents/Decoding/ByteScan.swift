import Foundation

/// Searches bytes.
enum ByteScan {
    /// The first `\n` at or after `start`; the count when there is none.
    static func newline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress, start < bytes.count,
            let hit = memchr(base + start, 0x0A, bytes.count - start)
        else { return bytes.count }
        return UnsafeRawPointer(hit) - base
    }
}
