import Foundation
import Postgres
import RunnerCore
import Testing

@testable import Store

extension StoreSuite {
    struct LedgerTests {
        private static let price = ModelPrice(input: 1, output: 2, cacheRead: 0.5, cacheWrite: 1)

        private static func usage() -> [UsageEntry] {
            let tokens = TokenUsage(input: 1_000_000, output: 500_000, cacheRead: 10, cacheWrite: 0)
            return [
                UsageEntry(model: "told", tokens: tokens, costUSD: 0.25, source: .agent),
                UsageEntry(
                    model: "listed", tokens: tokens, costUSD: price.cost(of: tokens), source: .table, price: price),
                UsageEntry(model: "mystery", tokens: tokens, costUSD: nil, source: .unpriced),
            ]
        }

        /// An attempt of an agent, ended with a row of each kind.
        private static func ended(
            in database: Database, limit: AgentFinish.Limit? = nil, session: String? = nil, totals: JSONValue? = nil
        ) async throws -> (AttemptRecord, RunRecord) {
            let (created, run) = try await database.claimed()
            var attempt = try await database.store.beginAttempt(
                BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id, agent: "claude"))
            attempt.status = .failed
            attempt.agentSessionID = session
            let agent = AgentFinish(
                agent: "claude", account: "claude:00", totals: totals, reports: "{}\n", usage: usage(), limit: limit)
            try await database.store.finishAttempt(
                FinishAttempt(runID: run.id, fence: run.fence, attempt: attempt, agent: agent))
            return (attempt, run)
        }

        @Test("rows of the ledger are summed by each key, and the unpriced ones cost nothing and are told")
        func sums() async throws {
            try await Database.with { database in
                _ = try await Self.ended(in: database)
                for key in UsageKey.allCases {
                    let sums = try await database.store.usage(by: key)
                    #expect(sums.count == (key == .model ? 3 : 1), "\(key)")
                    let cost = sums.compactMap(\.costUSD).reduce(0, +)
                    #expect(abs(cost - (0.25 + 2.000005)) < 1e-9, "\(key): \(cost)")
                    #expect(sums.reduce(0) { $0 + $1.unpricedTokens } == 1_500_010, "\(key)")
                }
                let models = try await database.store.usage(by: .model)
                #expect(models.first { $0.key == "mystery" }?.costUSD == nil)
                #expect(try await database.store.usage(by: .agent).first?.attempts == 1)
                #expect(try await database.store.usage(by: .agent, since: Date(timeIntervalSinceNow: 3600)).isEmpty)
            }
        }

        @Test("attempts that ended before their agent told what it used are counted as that, by every key")
        func untold() async throws {
            try await Database.with { database in
                _ = try await Self.ended(in: database)
                // The second is a command, which never tells; the third wrote nothing; the last one ended well.
                let others: [(String, Int, AttemptStatus)] = [
                    ("claude", 9, .interrupted), ("command", 9, .interrupted), ("claude", 0, .failed),
                    ("claude", 9, .succeeded),
                ]
                for (agent, bytes, status) in others {
                    let (created, run) = try await database.claimed()
                    var attempt = try await database.store.beginAttempt(
                        BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id, agent: agent))
                    attempt.status = status
                    attempt.outputBytes = bytes
                    try await database.store.finishAttempt(
                        FinishAttempt(runID: run.id, fence: run.fence, attempt: attempt))
                }
                for key in UsageKey.allCases {
                    let sums = try await database.store.usage(by: key)
                    #expect(sums.reduce(0) { $0 + $1.untoldAttempts } == 1, "\(key)")
                    #expect(sums.filter { $0.attempts > 0 }.map(\.attempts).max() == 1, "\(key)")
                }
                let agent = try #require(try await database.store.usage(by: .agent).first)
                #expect(agent.key == "claude" && agent.untoldAttempts == 1 && agent.attempts == 1)
            }
        }

        @Test("counts beyond all measure cost neither the end of an attempt nor the sums of all others")
        func huge() async throws {
            try await Database.with { database in
                let (created, run) = try await database.claimed()
                var attempt = try await database.store.beginAttempt(
                    BeginAttempt(runID: run.id, fence: run.fence, stepID: created.steps[0].id, agent: "claude"))
                attempt.status = .failed
                let tokens = TokenUsage(input: .max, output: .max, cacheRead: .max, cacheWrite: .max)
                attempt.usage = tokens
                let agent = AgentFinish(
                    agent: "claude", turns: .max, retries: .max,
                    usage: ["a", "b", "c"].map {
                        UsageEntry(model: $0, tokens: tokens, costUSD: nil, source: .unpriced)
                    })
                try await database.store.finishAttempt(
                    FinishAttempt(runID: run.id, fence: run.fence, attempt: attempt, agent: agent))
                // As rows from before there was a bound.
                for table in ["usage_entries", "step_attempts"] {
                    try await database.client.execute(
                        SQL(
                            unescaped: """
                                update runner.\(table) set input_tokens = 9223372036854775807,
                                    output_tokens = 9223372036854775807, cache_read_tokens = 9223372036854775807,
                                    cache_write_tokens = 9223372036854775807
                                """))
                }
                _ = try await Self.ended(in: database)
                for key in UsageKey.allCases {
                    let most = try await database.store.usage(by: key).map(\.tokens.input).max()
                    #expect(most == TokenUsage.limit, "\(key)")
                }
                let spent = try await database.store.spending(in: .all).used
                #expect(spent.tokens == TokenUsage.limit && (spent + spent).tokens == TokenUsage.limit)
                let listed = try await database.store.tasks(TaskFilter())
                #expect(listed.contains { $0.totalUsage.input == TokenUsage.limit })
                #expect(try await database.store.ledger().count == 2)
            }
        }

        @Test("the ledger gives back what was recorded")
        func roundTrip() async throws {
            try await Database.with { database in
                let (attempt, run) = try await Self.ended(in: database)
                let row = try #require(try await database.store.ledger().first)
                #expect(row.attempt.id == attempt.id && row.runID == run.id && row.reports == "{}\n")
                #expect(row.usage == Self.usage().sorted { $0.model < $1.model })
                #expect(try await database.store.ledger(of: TaskID()).isEmpty)
            }
        }

        @Test("a limit closes its account and no other, the longest counts, and it can be lifted")
        func limits() async throws {
            try await Database.with { database in
                let limit = AgentFinish.Limit(delay: .seconds(1_000), reason: "usage limit reached")
                _ = try await Self.ended(in: database, limit: limit)
                let open = try #require(try await database.store.limit(of: "claude:00"))
                #expect(open.agent == "claude" && open.reason == "usage limit reached")
                #expect((900...1_000).contains(open.seconds))
                #expect(try await database.store.limit(of: "claude:01") == nil)
                _ = try await Self.ended(in: database, limit: AgentFinish.Limit(delay: .seconds(5), reason: "again"))
                #expect((try await database.store.limit(of: "claude:00"))?.seconds ?? 0 > 800)
                #expect(try await database.store.openLimits().count == 1)
                #expect(try await database.store.liftLimit(of: "claude:00"))
                #expect(try await database.store.limit(of: "claude:00") == nil)
                #expect(try await !database.store.liftLimit(of: "claude:00"))
            }
        }

        @Test("what a session has used is that of its newest attempt that told it")
        func totals() async throws {
            try await Database.with { database in
                let first = JSONValue.object(["costUSD": .number(1.5)])
                _ = try await Self.ended(in: database, session: "s", totals: first)
                _ = try await Self.ended(in: database, session: "s")
                #expect(try await database.store.sessionTotals(agent: "claude", session: "s") == first)
                #expect(try await database.store.sessionTotals(agent: "codex", session: "s") == nil)
            }
        }
    }
}
