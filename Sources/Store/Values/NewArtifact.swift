package import RunnerCore

/// An artifact to be recorded with the end of its attempt; its version is counted there.
package struct NewArtifact: Sendable {
    package var name: String
    package var kind: ArtifactRecord.Kind
    package var mediaType: String
    package var size: Int
    package var sha256: [UInt8]
    /// Nil when the bytes are at `location`.
    package var content: [UInt8]?
    package var location: String?

    package init(
        name: String, kind: ArtifactRecord.Kind, mediaType: String, size: Int, sha256: [UInt8], content: [UInt8]?,
        location: String?
    ) {
        self.name = name
        self.kind = kind
        self.mediaType = mediaType
        self.size = size
        self.sha256 = sha256
        self.content = content
        self.location = location
    }
}
