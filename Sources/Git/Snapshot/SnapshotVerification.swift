/// What a check of a snapshot found; it proves the snapshot when both lists are empty.
package struct SnapshotVerification: Sendable, Hashable {
    /// One path that is not on disk as the manifest says.
    package struct Difference: Sendable, Hashable {
        /// Printable; of the administrative folder with `gitdir:` in front.
        package let path: String
        /// Completes the path to a sentence, as `is missing`.
        package let what: String
    }

    /// What is wrong with the stored objects, one sentence each.
    package let damage: [String]
    /// Where the disk differs.
    package let differences: [Difference]

    package var isProof: Bool { damage.isEmpty && differences.isEmpty }
}
