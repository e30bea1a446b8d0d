import Agents
import Foundation
import RunnerCore
import Testing

@Suite("Prices and the ledger")
struct PriceTableTests {
    private static func bundled() throws -> PriceTable {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../templates/prices.json")
        return try PriceTable(json: Array(try Data(contentsOf: path)))
    }

    @Test("the table's own prices give the agent's figures on every recording that has some")
    func claude() throws {
        let prices = try Self.bundled()
        var compared = 0
        for name in try Fixture.allNames() {
            let outcome = try Fixture.load(name).decode().outcome
            guard let told = outcome.costUSD, !outcome.usageByModel.isEmpty else { continue }
            let reckoned = try #require(prices.cost(of: outcome.usageByModel), "\(name)")
            #expect(abs(reckoned - told) < 1e-9, "\(name): \(reckoned), \(told)")
            compared += 1
        }
        #expect(compared >= 20)
    }

    @Test("decoding the stored output again gives the same rows", arguments: ["claude"] + Recording.agents)
    func recomputation(_ agent: String) throws {
        let prices = try Self.bundled()
        if agent == "claude" {
            for name in try Fixture.allNames() {
                let fixture = try Fixture.load(name)
                let first = UsageEntry.entries(of: fixture.decode().outcome, prices: prices)
                #expect(first == UsageEntry.entries(of: fixture.decode().outcome, prices: prices))
            }
            return
        }
        let expected = try RecordingExpectation.all(of: agent)
        for recording in try Recording.all(of: agent) {
            let outcome = recording.decode().outcome
            let rows = UsageEntry.entries(of: outcome, prices: prices)
            let sum = rows.reduce(TokenUsage()) { $0 + $1.tokens }
            let told = expected[recording.name]?.tokens ?? [0, 0, 0, 0]
            #expect([sum.input, sum.output, sum.cacheRead, sum.cacheWrite] == told, "\(recording)")
            #expect(rows == UsageEntry.entries(of: recording.decode().outcome, prices: prices))
            // No list has the stub's models: where the agent gave no figure, nobody knows the price.
            if outcome.costUSD == nil, !rows.isEmpty {
                #expect(rows.allSatisfy { $0.source == .unpriced && $0.costUSD == nil }, "\(recording)")
                #expect(UsageEntry.cost(of: outcome, prices: prices) == nil)
            }
        }
    }

    @Test("tokens are priced by kind, and unknown models are unpriced, not free")
    func prices() throws {
        let table = try Self.bundled()
        let usage = TokenUsage(input: 1_000_000, output: 100_000, cacheRead: 1_000_000, cacheWrite: 0)
        let known = ["openai/gpt-5-codex": ModelUsage(tokens: usage)]
        #expect(abs((table.cost(of: known) ?? 0) - (1.25 + 1 + 0.125)) < 1e-9)
        #expect(table.cost(of: ["gpt-5.5": ModelUsage(tokens: usage)]) == nil)
        #expect(table.cost(of: known.merging(["mystery": ModelUsage(tokens: usage)]) { $1 }) == nil)
        // A model that used nothing needs no price.
        #expect(table.cost(of: known.merging(["mystery": ModelUsage(tokens: TokenUsage())]) { $1 }) != nil)
        #expect(table.cost(of: [:]) == nil)
    }

    @Test(
        "a provider before the name and a date after it do not matter, all else does",
        arguments: [
            ("claude-opus-4-5", true), ("anthropic/claude-opus-4-5", true), ("claude-opus-4-5-20251101", true),
            ("CLAUDE-OPUS-4-5", true), ("gpt-5-codex-2025-09-15", true), ("gpt-5-codex-latest", true),
            ("claude-opus-4-9", false),
            ("gpt-5-codex-mini", false), ("gpt-5", false), ("", false), ("gpt-5-codex-2024", false),
        ])
    func names(_ model: String, _ isKnown: Bool) throws {
        #expect((try Self.bundled().price(of: model) != nil) == isKnown)
    }

    @Test("a user's table goes before the bundled one, and a wrong one is refused with its key")
    func overriding() throws {
        let own = #"{"version":"mine","date":"2026-01-02","models":{"gpt-5":{"input":9,"output":9}}}"#
        let table = try Self.bundled().overridden(by: PriceTable(json: Array(own.utf8)))
        #expect(table.version == "mine" && table.date == "2026-01-02")
        #expect(table.price(of: "gpt-5")?.input == 9)
        #expect(table.price(of: "gpt-5")?.cacheRead == 9)
        #expect(table.price(of: "claude-opus-5") != nil)
        let wrong = #"{"version":"1","date":"2026-01-02","models":{"m":{"input":"x"}}}"#
        #expect(throws: PriceTableError.self) { try PriceTable(json: Array(wrong.utf8)) }
        #expect(throws: PriceTableError.self) { try PriceTable(json: Array("[]".utf8)) }
        #expect(throws: PriceTableError.self) { try PriceTable(json: Array(#"{"models":{}}"#.utf8)) }
    }

    @Test("rows are told by who knew the cost")
    func sources() throws {
        var outcome = AgentOutcome(status: .succeeded)
        outcome.usageByModel = [
            "gpt-5-codex": ModelUsage(tokens: TokenUsage(input: 1_000_000)),
            "mystery": ModelUsage(tokens: TokenUsage(output: 5)),
            "told": ModelUsage(tokens: TokenUsage(output: 5), costUSD: 0.5),
        ]
        let prices = try Self.bundled()
        let rows = UsageEntry.entries(of: outcome, prices: prices)
        #expect(rows.map(\.source) == [.table, .unpriced, .agent])
        #expect(rows.map(\.costUSD) == [1.25, nil, 0.5])
        #expect(UsageEntry.cost(of: outcome, prices: prices) == nil)
        outcome.usageByModel["mystery"] = nil
        #expect(abs((UsageEntry.cost(of: outcome, prices: prices) ?? 0) - 1.75) < 1e-9)
    }
}
