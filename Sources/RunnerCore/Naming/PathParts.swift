extension String {
    /// What stands between the slashes of a path, empty parts too, as the kernel takes it apart.
    ///
    /// By bytes: a slash with a combining mark behind it is one `Character`, and no separator to `split`.
    package var pathParts: [String] {
        utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { String(Substring($0)) }
    }
}
