import Foundation
import Postgres
import RunnerCore
import Testing

@testable import Store

extension StoreSuite {
    struct ApprovalTests {
        /// A run that waits at a gate, on host `here`.
        private func waiting(_ database: Database, expires: Duration? = nil) async throws -> (RunRecord, StepID) {
            let (created, run) = try await database.claimed()
            _ = try await database.environment(run)
            let step = created.steps[0].id
            try await database.store.awaitApproval(run.id, fence: run.fence, Self.request(step, expires))
            return (run, step)
        }

        private static func request(_ step: StepID, _ expires: Duration?) -> ApprovalRequest {
            ApprovalRequest(
                stepID: step, message: "go on?", commit: nil, tree: nil, outputsSHA256: nil, rework: nil,
                expires: expires)
        }

        @Test(
            "A gate that another host comes to again is due when it expires, and without an end never",
            arguments: [nil, Duration.seconds(3600)])
        func takenOver(expires: Duration?) async throws {
            try await Database.with { database in
                let (run, step) = try await waiting(database, expires: expires)
                #expect(
                    try await database.store.run(run.id).dueAt.map { $0 > Date() + 60 } == expires.map { _ in true })
                let other = try await database.session(host: "there").id
                let taken = try #require(try await database.store.takeOverRun(run.id, for: other, silence: nil))
                try await database.store.awaitApproval(run.id, fence: taken.fence, Self.request(step, expires))
                let again = try await database.store.run(run.id)
                #expect(again.status == .waiting)
                #expect(again.dueAt.map { $0 > Date() + 60 } == expires.map { _ in true })
                #expect(try await database.store.approvals(of: run.id).map(\.status) == [.pending])
                // Hours later only the one that has an end is looked at again.
                try await database.client.execute("update runner.runs set due_at = due_at - interval '2 hours'")
                #expect(try await database.store.requeueDueRuns() == (expires == nil ? 0 : 1))
            }
        }

        @Test("A gate is decided also after the server's clock was set back", arguments: [true, false])
        func clockSetBack(isApproval: Bool) async throws {
            try await Database.with { database in
                let (run, _) = try await waiting(database)
                try await database.client.execute(
                    "update runner.approvals set requested_at = now() + interval '1 hour'")
                let asked = try #require(try await database.store.approvals(of: run.id).first)
                let status: ApprovalRecord.Status = isApproval ? .approved : .rejected
                #expect(
                    try await database.store.decide(asked.id, of: run.id, status, by: "me", notes: nil))
                let decided = try #require(try await database.store.approvals(of: run.id).first)
                #expect(decided.status == status && decided.decidedAt == asked.requestedAt)
                #expect(try await database.store.run(run.id).status == .queued)
            }
        }

        @Test("A gate that is bound anew writes its event in the order of the run's others")
        func renewed() async throws {
            try await Database.with { database in
                let (run, _) = try await waiting(database)
                let asked = try #require(try await database.store.approvals(of: run.id).first)
                @Sendable func renew(_ store: Store) async throws -> Bool {
                    try await store.renewApproval(
                        asked.id, commit: Database.commit, tree: Database.commit, outputsSHA256: nil)
                }
                #expect(try await database.isKeptWaiting(by: run.id) { store in _ = try await renew(store) })
                #expect(try await renew(database.store))
                #expect(try await database.store.approvals(of: run.id).first?.commit == Database.commit)
                #expect(try await database.store.events(of: run.taskID).last?.kind == "approval.voided")
                #expect(
                    try await database.store.decide(asked.id, of: run.id, .approved, by: "me", notes: nil))
                #expect(try await !renew(database.store))
            }
        }
    }
}
