import Foundation
import Postgres
import RunnerCore
import Testing

@testable import Store

extension StoreSuite {
    struct BudgetTests {
        /// Ends an attempt of the run's first step, which used $0.50 and 30 tokens, 10 of them without a price.
        private static func spend(_ database: Database) async throws -> (RunRecord, TaskRecord) {
            let (created, run) = try await database.claimed()
            var attempt = try await database.store.beginAttempt(
                BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id, agent: "claude"))
            attempt.status = .failed
            attempt.failureClass = .budget
            let usage = [
                UsageEntry(model: "a", tokens: TokenUsage(input: 15, output: 5), costUSD: 0.5, source: .agent),
                UsageEntry(model: "b", tokens: TokenUsage(cacheRead: 10), costUSD: nil, source: .unpriced),
            ]
            try await database.store.finishAttempt(
                FinishAttempt(
                    runID: run.id, fence: run.fence, attempt: attempt, agent: AgentFinish(agent: "claude", usage: usage)
                ))
            return (run, created.task)
        }

        @Test("what was used is summed by step, run, repository and all, and by day and month")
        func sums() async throws {
            try await Database.with { database in
                let (run, task) = try await Self.spend(database)
                _ = try await Self.spend(database)
                let key = try #require(try await database.store.steps(of: run.id).first?.key)
                let one = Spending(usd: 0.5, tokens: 30, unpricedTokens: 10)
                #expect(try await database.store.spending(in: .run(run.id)).used == one)
                #expect(try await database.store.spending(in: .step(run.id, key: key)).used == one)
                #expect(try await database.store.spending(in: .step(run.id, key: key + "x")).used == Spending())
                #expect(try await database.store.spending(in: .all).used == one + one)
                #expect(try await database.store.spending(in: .all).secondsLeft == nil)
                let repository = try await database.store.spending(in: .repository(task.repositoryID), per: .day)
                #expect(repository.used.usd >= 0.5 && (0...86_400).contains(repository.secondsLeft ?? -1))
                #expect(try await database.store.spending(in: .repository(RepositoryID())).used == Spending())
                let month = try await database.store.spending(in: .all, per: .month)
                #expect(month.used == one + one && (0...31 * 86_400).contains(month.secondsLeft ?? -1))
                // What was used before today does not count today.
                try await database.client.execute(
                    "update runner.usage_entries set created_at = created_at - interval '1 day' - interval '1 second'")
                #expect(try await database.store.spending(in: .all, per: .day).used == Spending())
                #expect(try await database.store.spending(in: .all).used == one + one)
            }
        }

        @Test("what earlier candidates used counts in the run that forked, and a retried one sees that run")
        func formerCandidates() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                let (store, forks) = (database.store, created.steps[0].id)
                let one = Spending(usd: 0.5, tokens: 30, unpricedTokens: 10)
                var candidates: [RunID] = []
                for round in 1...3 {
                    let (worker, _) = try await Self.spend(database)
                    try await database.client.execute(
                        """
                        update runner.steps set child_run_id = \(worker.id), status = 'failed', finished_at = now()
                        where id = \(forks)
                        """)
                    candidates.append(worker.id)
                    let sum = (1..<round).reduce(one) { sum, _ in sum + one }
                    for member in candidates + [run.id] {
                        #expect(try await store.spending(in: .run(member)).used == sum)
                    }
                    #expect(try await store.candidates(of: run.id).map(\.runID) == [worker.id])
                    for _ in 1...2 {
                        try await store.extendRun(run.id, fence: run.fence, adding: [], reopening: [forks])
                    }
                    #expect(try await store.candidates(of: run.id).isEmpty)
                }
                // The control: a run for which nobody worked has its own sum alone.
                let (other, _) = try await Self.spend(database)
                #expect(try await store.spending(in: .run(other.id)).used == one)
                try await store.setBudget(Budget(usd: 9), of: candidates[0])
                for member in candidates + [run.id] {
                    #expect(try await store.budgets(of: member).run == Budget(usd: 9))
                }
                #expect(try await store.budgets(of: other.id).run == nil)
            }
        }

        @Test("a run that waits at a budget says which, is not due by itself, and goes on when it is woken or taken up")
        func parks() async throws {
            try await Database.with { database in
                let (run, _) = try await Self.spend(database)
                let standing = BudgetStanding(
                    scope: .run, name: "1", budget: Budget(usd: 0.5), used: Spending(usd: 0.5, tokens: 30))
                func park(_ fence: Int) async throws {
                    try await database.store.parkRun(
                        run.id, fence: fence, RunWait(delay: nil, reason: standing.sentence, budget: standing))
                }
                try await park(run.fence)
                let parked = try await database.store.run(run.id)
                #expect(parked.status == .waiting && parked.dueAt == nil && parked.ownerSessionID == nil)
                #expect(parked.hold == RunHold(reason: standing.sentence, budget: standing))
                #expect(try await database.store.tasks(TaskFilter()).first?.hold?.budget == standing)
                #expect(try await database.store.requeueDueRuns() == 0)
                #expect(try await database.store.wakeBudgetWaits(repository: RepositoryID()) == 0)
                #expect(try await database.store.wakeBudgetWaits() == 1)
                #expect(try await database.store.requeueDueRuns() == 1)
                // The control: what waits for nothing of the kind is neither woken nor taken up.
                #expect(try await database.store.wakeBudgetWaits() == 0)
                #expect(try await database.store.resumeRun(run.id) == nil)
                #expect(try await database.store.run(run.id).hold == nil)
            }
        }

        @Test("a run's budget and a step's are raised in its context, and the rest of that stays")
        func raised() async throws {
            try await Database.with { database in
                let (run, _) = try await Self.spend(database)
                try await database.store.setBudget(Budget(usd: 2), of: run.id)
                try await database.store.setBudget(Budget(tokens: 7), of: run.id, step: "a'b")
                try await database.store.setBudget(Budget(usd: 3), of: run.id)
                try await database.store.setGeneralBudgets([PeriodBudget(Budget(usd: 9), per: .day)])
                let known = try await database.store.budgets(of: run.id)
                #expect(known.run == Budget(usd: 3) && known.steps == ["a'b": Budget(tokens: 7)])
                #expect(known.all == [PeriodBudget(Budget(usd: 9), per: .day)] && known.repository.isEmpty)
                let before = run.context.objectValue ?? [:]
                let after = try await database.store.run(run.id).context.objectValue ?? [:]
                #expect(before.allSatisfy { after[$0.key] == $0.value })
            }
        }
    }
}
