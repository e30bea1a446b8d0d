extension [UInt8] {
    /// As `withUnsafeBytes`, which cannot throw a typed error.
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws(GitError) -> R) throws(GitError) -> R {
        try withUnsafeBufferPointer { (buffer) throws(GitError) in try body(UnsafeRawBufferPointer(buffer)) }
    }

    /// As `withUnsafeMutableBytes`, which cannot throw a typed error.
    mutating func withMutableBytes<R>(
        _ body: (UnsafeMutableRawBufferPointer) throws(GitError) -> R
    ) throws(GitError) -> R {
        try withUnsafeMutableBufferPointer { (buffer) throws(GitError) in
            try body(UnsafeMutableRawBufferPointer(buffer))
        }
    }
}
