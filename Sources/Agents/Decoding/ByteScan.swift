import Foundation

/// Searches bytes many at a time: most of a stream is inside long strings, and one by one takes several times longer.
enum ByteScan {
    typealias Block = SIMD16<UInt8>

    /// The first `\n` at or after `start`; the count when there is none.
    static func newline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress, start < bytes.count,
            let hit = memchr(base + start, 0x0A, bytes.count - start)
        else { return bytes.count }
        return UnsafeRawPointer(hit) - base
    }

    /// The first quote, backslash or control character at or after `start`: what ends or interrupts a JSON string; the
    /// count when there is none.
    @inline(__always)
    static func stringStop(in bytes: Span<UInt8>, from start: Int) -> Int {
        let raw = bytes.bytes
        var index = start
        while index + Block.scalarCount <= raw.byteCount {
            let stop = stringStop(in: raw.unsafeLoadUnaligned(fromByteOffset: index, as: Block.self))
            index += stop
            if stop < Block.scalarCount { return index }
        }
        while index < bytes.count, !isStringStop(bytes[index]) { index += 1 }
        return index
    }

    /// The same within a block; its length when there is none.
    @inline(__always)
    static func stringStop(in block: Block) -> Int {
        // Vectors on both sides: comparing with a single number is not made into one instruction.
        let isQuote = block .== Block(repeating: 0x22)
        let isBackslash = block .== Block(repeating: 0x5C)
        let isControl = block .< Block(repeating: 0x20)
        // Four bits of each byte in one word: no branch, which could not be foreseen.
        let pairs = unsafeBitCast(isQuote .| isBackslash .| isControl, to: SIMD8<UInt16>.self)
        let bits = unsafeBitCast(SIMD8<UInt8>(truncatingIfNeeded: pairs &>> 4), to: UInt64.self)
        return UInt64(littleEndian: bits).trailingZeroBitCount / 4
    }

    static func isStringStop(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C
    }

    /// Whether `word` stands at `range`.
    @inline(__always)
    static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ word: StaticString) -> Bool {
        guard range.count == word.utf8CodeUnitCount else { return false }
        return bytes.extracting(range).withUnsafeBufferPointer { part in
            part.baseAddress.map { memcmp($0, word.utf8Start, part.count) == 0 } ?? true
        }
    }
}
