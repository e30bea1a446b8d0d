import Crypto
import Foundation
import Git
import RunnerCore
import Store

/// Keeps what a step handed over: small bytes for the row, others as a blob of the hub with a reference.
struct ArtifactKeeper: Sendable {
    let job: StepJob
    let hub: Hub
    let signature: Git.Signature

    /// Larger ones are not in the database.
    static let rowLimit = 64 << 10
    static let scheme = "git:"

    /// Blocks; doing it again leads to the same.
    func keep(_ files: [ArtifactFolder.File]) throws -> [NewArtifact] {
        try files.map { file in
            let (kind, mediaType) = ArtifactRecord.Kind.of(file.name, file.bytes)
            let isSmall = file.bytes.count <= Self.rowLimit
            let location = isSmall ? nil : Self.scheme + (try blob(file)).hex
            return NewArtifact(
                name: file.name, kind: kind, mediaType: mediaType, size: file.bytes.count,
                sha256: Array(SHA256.hash(data: file.bytes)), content: isSmall ? file.bytes : nil, location: location)
        }
    }

    private func blob(_ file: ArtifactFolder.File) throws -> ObjectID {
        let number = job.task.number
        return try hub.open().keep(
            file.bytes, under: { "refs/runner/\(number)/artifacts/\($0.hex)" },
            message: "artifact of task \(number), step \(job.step.id)", signature: signature)
    }
}
