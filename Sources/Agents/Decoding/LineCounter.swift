/// A plain line splitter, what decoding is measured against: finds each line and hands it on as an array of its own
/// bytes, as a program does that reads lines and knows nothing of what is in them.
package struct LineCounter: Sendable {
    private var pending: [UInt8] = []
    package private(set) var lines = 0

    package init() {}

    package mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        var start = 0
        while start < bytes.count {
            let newline = ByteScan.first(UInt8(ascii: "\n"), in: bytes, from: start)
            pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<newline]))
            guard newline < bytes.count else { return }
            take(pending)
            pending = []
            start = newline + 1
        }
    }

    /// Whoever takes the line may keep it.
    @inline(never)
    private mutating func take(_ line: [UInt8]) {
        lines += line.isEmpty ? 0 : 1
    }
}
