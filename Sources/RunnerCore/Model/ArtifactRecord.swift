package import Foundation

/// What a step handed over: a text, a JSON document or any file, in unchanging versions.
package struct ArtifactRecord: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case text, json, file
    }

    package var id: ArtifactID
    package var name: String
    /// Counted for each name of a task, from 1.
    package var version: Int
    package var kind: Kind
    package var mediaType: String
    package var size: Int
    /// In hexadecimal.
    package var sha256: String
    /// Where the bytes are when they are not in the database: a blob of the repository's clone.
    package var location: String?
    /// The step and the attempt that made it; nil when their rows are gone.
    package var step: String?
    package var attempt: Int?
    package var createdAt: Date

    package init(
        id: ArtifactID, name: String, version: Int, kind: Kind, mediaType: String, size: Int, sha256: String,
        location: String?, step: String?, attempt: Int?, createdAt: Date
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.kind = kind
        self.mediaType = mediaType
        self.size = size
        self.sha256 = sha256
        self.location = location
        self.step = step
        self.attempt = attempt
        self.createdAt = createdAt
    }
}

package typealias ArtifactID = Identifier<ArtifactRecord>
