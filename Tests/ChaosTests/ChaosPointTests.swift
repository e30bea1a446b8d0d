import Foundation
import TestSupport
import Testing

/// Every named edge of the engine, as if the power of its process went just there.
@Suite("named edges", .serialized)
struct ChaosPointTests {
    private static let names = [
        "runClaimed", "environmentRecorded", "environmentMade", "attemptBegun", "shimLaunched", "attemptExited",
        "branchMoved", "checkpointMade", "packKept", "attemptFinished", "attemptFolderRemoved", "runPublished",
        "runFinished",
    ]

    /// All of them in the campaign, for the first to the third time; else three that the seed chooses.
    private static var chosen: [(name: String, count: Int)] {
        if ChaosSettings.isLong {
            return names.flatMap { name in
                (1...(name.hasPrefix("run") || name.hasPrefix("environment") ? 1 : 3)).map { (name, $0) }
            }
        }
        var random = SeededGenerator(seed: ChaosSettings.seed)
        return names.shuffled(using: &random).prefix(3).map { ($0, 1) }
    }

    @Test("a worker that is killed at an edge leaves a run that ends as if nothing had been")
    func edges() async throws {
        let chosen = Self.chosen
        print("chaos: SEED=\(ChaosSettings.seed) edges \(chosen.map { "\($0.name):\($0.count)" })")
        try await ChaosHome.with(pause: 0.05) { home in
            let fixture = home.fixture
            let first = try await fixture.runner(
                "start", home.repository, "work", "--title", "undisturbed", "--workflow", home.workflow)
            try #require(first.status == 0, "\(first.err)")
            let shown = try await fixture.runner("show", "1", "--json").json(Shown.self)
            let tree = try await fixture.git("rev-parse", "\(shown.branch)^{tree}", in: home.repository)
            for (name, count) in chosen {
                let marker = "\(fixture.root)/\(name)-\(count)"
                let killed = try await fixture.runner(
                    "start", home.repository, "work", "--title", marker, "--workflow", home.workflow,
                    extra: ["RUNNER_CHAOS_POINT": "\(name):\(count)", "RUNNER_CHAOS_ONCE": marker])
                #expect(killed.status == 137, "\(name):\(count) ended with \(killed.status): \(killed.err)")
                #expect(FileManager.default.fileExists(atPath: marker), "\(name):\(count) was never reached")
            }
            let complaints = try await ChaosChecker.with(home, tree: tree) { checker in
                try await checker.settle(until: .now + .seconds(120))
                await home.stopWorkers()
                return try await checker.complaints(
                    ["undisturbed"] + chosen.map { "\(fixture.root)/\($0.name)-\($0.count)" })
            }
            #expect(complaints == [])
        }
    }

    private struct Shown: Decodable {
        let branch: String
    }
}
