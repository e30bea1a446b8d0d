/// What to save, where, and in whose name.
package struct SnapshotRequest: Sendable {
    package var worktree: Worktree
    /// The full name of the reference to write, as `refs/runner/12/snap/1`; whatever it named is let go.
    package var reference: String
    package var signature: Signature
    package var message: String
    /// Bytes of ignored files that are saved in all; what lies above is named in the manifest.
    package var ignoredTotalCap: Int64
    /// Bytes above which one ignored file is only named.
    package var ignoredFileCap: Int64

    package init(
        worktree: Worktree, reference: String, signature: Signature, message: String,
        ignoredTotalCap: Int64 = 64 << 20, ignoredFileCap: Int64 = 16 << 20
    ) {
        self.worktree = worktree
        self.reference = reference
        self.signature = signature
        self.message = message
        self.ignoredTotalCap = ignoredTotalCap
        self.ignoredFileCap = ignoredFileCap
    }
}
