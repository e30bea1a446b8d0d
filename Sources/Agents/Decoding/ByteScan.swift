/// Searches bytes eight at a time: most of a stream is inside long strings, and one by one takes several times longer.
enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The first `\n` at or after `start`; the count when there is none.
    static func newline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let hits = zeros(word ^ (ones &* 0x0A))
            if hits != 0 { return index + hits.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count, bytes[index] != 0x0A { index += 1 }
        return index
    }

    /// The first quote, backslash or control character at or after `start`: what ends or interrupts a JSON string.
    static func stringStop(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var index = start
        while index + 8 <= raw.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            // A borrow can only make a byte look like a hit above a true one, and the lowest is taken.
            let controls = (word &- ones &* 0x20) & ~word & highs
            let hits = zeros(word ^ (ones &* 0x22)) | zeros(word ^ (ones &* 0x5C)) | controls
            if hits != 0 { return index + hits.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < raw.count, raw[index] >= 0x20, raw[index] != 0x22, raw[index] != 0x5C { index += 1 }
        return index
    }

    /// The highest bit of every byte that is zero, exact up to the first one.
    private static func zeros(_ word: UInt64) -> UInt64 {
        (word &- ones) & ~word & highs
    }
}
