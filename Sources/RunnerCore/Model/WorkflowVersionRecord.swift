package import Foundation

/// One unchanging text of a workflow, published or frozen by a run.
package struct WorkflowVersionRecord: Sendable, Hashable, Codable {
    /// Counted for each workflow, from 1.
    package var version: Int
    /// Where the text came from when it was first kept.
    package var origin: WorkflowOrigin
    package var author: String
    /// SHA-256 of the text, in hexadecimal.
    package var checksum: String
    package var createdAt: Date
    /// Nil for a version that only runs have brought.
    package var publishedAt: Date?
    /// How many runs execute it.
    package var runs: Int

    package init(
        version: Int, origin: WorkflowOrigin, author: String, checksum: String, createdAt: Date, publishedAt: Date?,
        runs: Int
    ) {
        self.version = version
        self.origin = origin
        self.author = author
        self.checksum = checksum
        self.createdAt = createdAt
        self.publishedAt = publishedAt
        self.runs = runs
    }
}
