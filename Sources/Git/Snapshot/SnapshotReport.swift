/// What a snapshot holds, and what it does not.
package struct SnapshotReport: Sendable, Hashable {
    package struct NotSaved: Sendable, Hashable {
        /// Printable; bytes that are not UTF-8 as `%XX`.
        package let path: String
        package let reason: String
        /// In bytes; of a folder, all that is in it.
        package let size: Int64

        /// For people, as rows and reports keep it.
        package var sentence: String { "\(path) (\(reason), \(size) bytes)" }
    }

    package let commit: ObjectID
    package let reference: String
    /// Files and links whose content is saved.
    package let files: Int
    /// Their sizes together, in bytes.
    package let bytes: Int64
    /// Everything left out. Only `losses` forbid a removal.
    package let notSaved: [NotSaved]
    /// What is left out though it is neither ignored nor without content: unreadable files, foreign mounts.
    package let losses: [NotSaved]
}
