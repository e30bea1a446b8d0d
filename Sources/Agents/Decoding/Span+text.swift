extension Span<UInt8> {
    /// Copies all bytes to the beginning of `output`, which must have room; the count.
    func copy(to output: UnsafeMutableBufferPointer<UInt8>) -> Int {
        withUnsafeBytes { UnsafeMutableRawBufferPointer(output).copyMemory(from: $0) }
        return count
    }
}

extension String {
    /// Text of bytes, with replacement characters where they are not UTF-8.
    init(_ bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
