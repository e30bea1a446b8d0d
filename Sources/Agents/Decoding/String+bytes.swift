extension String {
    /// Text of bytes, with replacement characters where they are not UTF-8.
    init(_ bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
