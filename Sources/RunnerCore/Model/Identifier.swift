package import Foundation

/// A typed UUID: the id of a task cannot be passed where the id of a run is meant.
package struct Identifier<Tag>: Hashable, Sendable, Codable, CustomStringConvertible {
    package let uuid: UUID

    package init(_ uuid: UUID = UUID()) {
        self.uuid = uuid
    }

    /// Fails when `text` is no UUID.
    package init?(_ text: String) {
        guard let uuid = UUID(uuidString: text) else { return nil }
        self.uuid = uuid
    }

    package init(from decoder: any Decoder) throws {
        uuid = try decoder.singleValueContainer().decode(UUID.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// Lower case, as Postgres prints it.
    package var description: String { uuid.uuidString.lowercased() }
}

package typealias RepositoryID = Identifier<Repository>
package typealias TaskID = Identifier<TaskRecord>
package typealias RunID = Identifier<RunRecord>
package typealias StepID = Identifier<StepRecord>
package typealias AttemptID = Identifier<AttemptRecord>
package typealias EnvironmentID = Identifier<EnvironmentRecord>
package typealias SessionID = Identifier<SessionRecord>
package typealias WorkflowVersionID = Identifier<WorkflowDefinition>
package typealias BatchID = Identifier<BatchRecord>
package typealias ProjectID = Identifier<ProjectRecord>
package typealias SnapshotID = Identifier<SnapshotRecord>
