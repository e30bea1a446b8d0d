import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Records the intent to try a step, before anything of it happens.
    ///
    /// Throws `StoreError.fenced` when the run has another owner or has ended, and `stepNotOpen` when the step has.
    package func beginAttempt(_ begin: BeginAttempt) async throws -> AttemptRecord {
        do {
            let row = try await client.query("select \(Self.beginning(begin)) as answer").first
            guard let attempt = try begin.attempt(Self.answer(row)) else { throw StoreError.fenced(begin.runID) }
            return attempt
        } catch let error as PostgresError where error.constraint == "steps_open" {
            throw StoreError.stepNotOpen(begin.stepID)
        }
    }

    /// Records how an attempt ended and what follows, in one statement: all of it or nothing.
    ///
    /// Returns the next attempt when there is one. Throws `StoreError.fenced` when the run has another owner or has
    /// ended, `attemptEnded` when the attempt has ended before, and `stepNotOpen` when the next step has.
    @discardableResult
    package func finishAttempt(_ finish: FinishAttempt) async throws -> AttemptRecord? {
        for _ in 0..<10 {
            do {
                return try await finishOnce(finish)
            } catch let error as PostgresError where error.constraint == "artifacts_version_key" {
                // Another step of the run ended meanwhile with an artifact of the same name: the count is made anew.
                continue
            }
        }
        return try await finishOnce(finish)
    }

    private func finishOnce(_ finish: FinishAttempt) async throws -> AttemptRecord? {
        precondition(
            [finish.next != nil, finish.finish != nil, finish.wait != nil].count { $0 } <= 1,
            "one thing follows an attempt: the next one, a wait or the end of the run")
        do {
            let answer = try Self.answer(await client.query(Self.finishing(finish)).first)
            switch answer.first {
            case "done": return try finish.next?.attempt(answer)
            case "ended": throw StoreError.attemptEnded(finish.attempt.id)
            default: throw StoreError.fenced(finish.runID)
            }
        } catch let error as PostgresError where error.constraint == "steps_of_run" {
            throw StoreError.attemptEnded(finish.attempt.id)
        } catch let error as PostgresError where error.constraint == "steps_open" {
            guard let next = finish.next else { throw error }
            throw StoreError.stepNotOpen(next.stepID)
        }
    }

    /// What a function of the schema answers: its verdict first.
    private static func answer(_ row: PostgresRow?) throws -> [String] {
        try row?.decode("answer") ?? []
    }
}
