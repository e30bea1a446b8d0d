import Foundation
import Postgres
import RunnerCore

extension BeginAttempt {
    /// The attempt as it was written: what was asked for, and what the server chose; nil when there is none.
    func attempt(_ row: PostgresRow, _ id: String, _ number: String, _ startedAt: String) throws -> AttemptRecord? {
        guard let id: AttemptID = try row.decodeIfPresent(id) else { return nil }
        return AttemptRecord(
            id: id, stepID: stepID, number: try row.decode(number), agent: agent, input: input.storable,
            commitBefore: commitBefore, branchBefore: branchBefore, startedAt: try row.decode(startedAt))
    }
}
