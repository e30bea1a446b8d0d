import Foundation
import Postgres
import RunnerCore

extension BeginAttempt {
    /// The attempt as it was written: what was asked for, and what the server chose; nil when none was begun.
    ///
    /// `answer` is "done" with the attempt's id, number and beginning.
    func attempt(_ answer: [String]) throws -> AttemptRecord? {
        guard answer.first == "done" else { return nil }
        guard answer.count == 4, let id = AttemptID(postgresText: answer[1]), let number = Int(postgresText: answer[2]),
            let startedAt = Date(postgresText: answer[3])
        else {
            throw PostgresError(
                .decoding, operation: "decode", message: "an attempt's beginning does not hold what it should")
        }
        return AttemptRecord(
            id: id, stepID: stepID, number: number, agent: agent, input: input.storable,
            commitBefore: commitBefore, branchBefore: branchBefore, startedAt: startedAt)
    }
}
