import Foundation
import Testing

/// What the environment asks for: `make chaos` sets both.
enum ChaosSettings {
    static let isLong = ProcessInfo.processInfo.environment["RUNNER_CHAOS"] == "1"

    static let seed =
        ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)

    static func number(_ name: String, _ standard: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
    }
}

@Suite("chaos", .serialized)
struct ChaosTests {
    @Test("a few runs survive a few kills of everything", .enabled(if: !ChaosSettings.isLong))
    func short() async throws {
        // Beside the rest of the suite a worker needs a second to begin a step. Killed faster than that it never ends
        // one, and the runner gives the run up on purpose.
        try await campaign(
            ChaosCampaign(
                seed: ChaosSettings.seed, runs: 6, kills: 18, width: 3, longestGap: 2.5, limit: .seconds(240)))
    }

    @Test("the campaign: a thousand kills over three hundred runs", .enabled(if: ChaosSettings.isLong))
    func long() async throws {
        try await campaign(
            ChaosCampaign(
                seed: ChaosSettings.seed, runs: ChaosSettings.number("RUNS", 300),
                kills: ChaosSettings.number("KILLS", 1_000), width: ChaosSettings.number("WIDTH_OF_RUNS", 8),
                // Faster than this, steps are killed five times in a row, which is where the runner gives up on purpose.
                longestGap: Double(ChaosSettings.number("LONGEST_GAP_MS", 1_000)) / 1_000, workers: 2,
                limit: .seconds(ChaosSettings.number("SECONDS_AT_MOST", 4_800))),
            pause: 0.6)
    }

    /// Each step works for about `pause` seconds: enough that there is always one to be killed.
    private func campaign(_ campaign: ChaosCampaign, pause: Double = 0.15) async throws {
        print("chaos: SEED=\(campaign.seed) \(campaign.runs) runs, \(campaign.kills) kills")
        try await ChaosHome.with(pause: pause) { home in
            let report = try await campaign.run(home)
            if !report.complaints.isEmpty { try await home.keep() }
            print("chaos: SEED=\(campaign.seed) \(report.text)")
            #expect(report.complaints == [], "SEED=\(campaign.seed)")
            let done = report.kills.values.reduce(0, +)
            #expect(report.runs >= campaign.runs && done >= campaign.kills, "SEED=\(campaign.seed): \(report.text)")
        }
    }
}
