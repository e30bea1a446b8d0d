import Foundation

/// Searches bytes.
enum ByteScan {
    /// Where `byte` first is at or after `start`; the count when it is not there.
    static func first(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress, start < bytes.count,
            let hit = memchr(base + start, Int32(byte), bytes.count - start)
        else { return bytes.count }
        return UnsafeRawPointer(hit) - base
    }
}
