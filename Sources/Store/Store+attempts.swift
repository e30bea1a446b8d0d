import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// Records the intent to try a step, before anything of it happens.
    ///
    /// Throws `StoreError.fenced` when the run has another owner or has ended, and `stepNotOpen` when the step has.
    package func beginAttempt(_ begin: BeginAttempt) async throws -> AttemptRecord {
        let row = try await client.query(
            """
            with \(Self.guarded(begin.runID, begin.fence)),
            \(Self.begun(begin, after: "select id from guard"))
            select (select count(*) from guard) as guarded, \(columns(AttemptRecord.columnNames, of: "a"))
            from (select) one left join begun_attempt a on true
            """
        ).first
        guard let row, try row.decode("guarded", as: Int.self) == 1 else { throw StoreError.fenced(begin.runID) }
        guard try row.decodeIfPresent("a_id", as: AttemptID.self) != nil else {
            throw StoreError.stepNotOpen(begin.stepID)
        }
        return try AttemptRecord(row, "a")
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
        var parts = [Self.guarded(finish.runID, finish.fence), Self.allowed(finish), Self.ended(finish.attempt)]
        if !finish.tools.isEmpty { parts.append(Self.recorded(finish.tools)) }
        if let agent = finish.agent { parts += Self.ledger(agent) }
        if !finish.artifacts.isEmpty { parts.append(Self.handedOver(finish.artifacts)) }
        let changes = finish.stepChanges.filter { $0.0 != finish.next?.stepID }
        if !changes.isEmpty {
            parts.append(Self.changed(changes, turns: finish.turns, after: "select id from ended_attempt"))
        }
        if let next = finish.next { parts.append(Self.begun(next, after: "select id from ended_attempt")) }
        if let end = finish.finish {
            parts.append(
                Self.finished(
                    end, excluding: changes.map(\.0), attempt: finish.attempt.id,
                    after: "select id from ended_attempt"))
        }
        if let wait = finish.wait { parts.append(Self.parked(wait, after: "select id from ended_attempt")) }
        if let head = finish.head { parts.append(Self.headed(head, base: finish.base)) }
        if finish.attempt.status != .interrupted, finish.finish == nil, finish.wait == nil {
            parts.append(Self.settled)
        }
        let begun: SQL = finish.next == nil ? "(select null::uuid as id limit 0)" : "begun_attempt"
        let names = finish.next == nil ? ["id"] : AttemptRecord.columnNames
        let row = try await client.query(
            """
            with \(parts.joined(separator: ",\n"))
            select (select count(*) from guard) as guarded, (select count(*) from ended_attempt) as ended,
                (select count(*) from allowed) as allowed, \(columns(names, of: "a"))
            from (select) one left join \(begun) a on true
            """
        ).first
        guard let row, try row.decode("guarded", as: Int.self) == 1 else { throw StoreError.fenced(finish.runID) }
        if let next = finish.next, try row.decode("allowed", as: Int.self) == 0 {
            throw StoreError.stepNotOpen(next.stepID)
        }
        guard try row.decode("ended", as: Int.self) == 1 else { throw StoreError.attemptEnded(finish.attempt.id) }
        return finish.next == nil ? nil : try AttemptRecord(row, "a")
    }

    /// Notes the agent's own session while the attempt goes on, so that a later attempt can resume it.
    package func setAgentSession(_ attempt: AttemptID, _ session: String, fence: Int) async throws {
        try await setOfRunning(attempt, "agent_session_id = \(session.storable)", fence: fence)
    }

    /// Notes the commit that holds the worktree as the attempt found it.
    package func setCommitBefore(_ attempt: AttemptID, _ commit: String, fence: Int) async throws {
        try await setOfRunning(attempt, "commit_before = \(commit)", fence: fence)
    }

    private func setOfRunning(_ attempt: AttemptID, _ assignment: SQL, fence: Int) async throws {
        let count = try await client.execute(
            """
            update runner.step_attempts a set \(assignment)
            from runner.steps s join runner.runs r on r.id = s.run_id
            where a.id = \(attempt) and a.status = 'running' and s.id = a.step_id
              and r.fence = \(fence) and r.status = 'running'
            """)
        guard count == 1 else { throw StoreError.attemptEnded(attempt) }
    }
}
