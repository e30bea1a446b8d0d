/// What a restore brought back, and what it could not.
package struct SnapshotRestoration: Sendable, Hashable {
    package let commit: ObjectID
    /// Files and links with their content.
    package let files: Int
    /// What the snapshot names and the new directory lacks.
    package let notRestored: [SnapshotReport.NotSaved]
}
