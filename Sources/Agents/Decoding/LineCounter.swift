/// Cuts a stream into lines exactly as the decoders do, and does nothing with them: what decoding is measured against.
package struct LineCounter: Sendable {
    private var splitter = LineSplitter(limit: OutputLines.maximumBytes, oversize: .headOnly)
    package private(set) var lines = 0

    package init() {}

    package mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        lines += splitter.lines(in: bytes).count
    }
}
