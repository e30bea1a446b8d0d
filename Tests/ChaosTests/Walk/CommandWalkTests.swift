import Foundation
import Glibc
import Testing

@Suite("command walk", .serialized)
struct CommandWalkTests {
    /// Short times, so that removal, undo and upkeep of clones happen within a walk.
    private static let settings = [
        "RUNNER_UNDO_WINDOW": "2s", "RUNNER_MAINTENANCE_INTERVAL": "5s", "RUNNER_ACTIVITY_EXTENSION": "1s",
        "RUNNER_HARD_LIMIT": "5s", "RUNNER_PRUNE_AGE": "5m", "RUNNER_LEASE_SECONDS": "15",
    ]

    @Test("commands at random, side by side, lose nothing and leave nothing where it is")
    func walk() async throws {
        let isLong = ProcessInfo.processInfo.environment["RUNNER_WALK"] == "1"
        let walk = CommandWalk(
            seed: ChaosSettings.seed, commands: ChaosSettings.number("COMMANDS", isLong ? 400 : 25),
            width: isLong ? 4 : 2)
        print("walk: SEED=\(walk.seed) \(walk.commands) commands in each of \(walk.width) lanes")
        try await ChaosHome.with(Self.settings) { home in
            let added = try await home.fixture.runner("repo", "add", home.repository, "--quiet")
            try #require(added.status == 0, "\(added.err)")
            try await home.fixture.runner("repo", "update", home.repository, "--retention", "1s", "--spares", "1")
            let report = try await walk.run(home)
            if !report.complaints.isEmpty { try await home.keep() }
            print("walk: SEED=\(walk.seed) \(report.text)")
            #expect(report.complaints == [], "SEED=\(walk.seed)")
            #expect(report.tasks > 0 && report.pieces > 0)
        }
    }

    @Test("work that no reference and no worktree holds any more is missed")
    func lostWork() async throws {
        try await ChaosHome.with { home in
            let fixture = home.fixture
            let ledger = try WorkLedger(fixture)
            for _ in 1...2 {
                let made = try await fixture.runner("start", home.repository, ledger.script, "--workflow", "script")
                try #require(made.status == 0, "\(made.err)")
            }
            #expect(ledger.count == 2)
            #expect(try await ledger.lost() == [])
            let path = try await fixture.runner("path", "2").out.trimmingCharacters(in: .newlines)
            try FileManager.default.removeItem(atPath: path)
            #expect(try await ledger.lost() == [])
            let hubs = try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/hubs")
            let hub = try #require(hubs.first { $0.hasSuffix(".git") })
            let place = "\(fixture.home)/hubs/\(hub)"
            let references = try await fixture.git("for-each-ref", "--format=%(refname)", in: place)
            for name in references.split(separator: "\n") where name.contains("/2") {
                try await fixture.git("update-ref", "-d", String(name), in: place)
            }
            #expect(try await ledger.lost().count == 1)
        }
    }

    @Test("a run that stays where it is, and a supervisor that is left, are told")
    func stuck() async throws {
        try await ChaosHome.with { home in
            let made = try await home.fixture.runner(
                "start", home.repository, "sleep 600", "--workflow", "script", "--detach")
            try #require(made.status == 0, "\(made.err)")
            try await home.fixture.eventually("its step has begun") { !home.processes(.step).isEmpty }
            let checker = WalkChecker(home: home, ledger: try WorkLedger(home.fixture))
            let found = try await checker.complaints(within: .milliseconds(300)).complaints
            #expect(found.contains("task 1 is still running"))
            #expect(found.contains { $0.hasPrefix("left: ") })
        }
    }

    @Test("what a command must not say is told")
    func statuses() {
        func complaint(_ status: Int, _ out: String = "", err: String = "", isKilled: Bool = false) -> String? {
            let output = RunnerFixture.Output(status: status, out: out, err: err)
            return CommandWalk.complaint(about: output, of: ["list", "--json"], isKilled: isKilled)
        }
        #expect(complaint(0, "[]\n") == nil)
        #expect(complaint(0, "{}\n{}\n") == nil)
        #expect(complaint(137, isKilled: true) == nil)
        #expect(complaint(137) != nil)
        #expect(complaint(70) != nil)
        #expect(complaint(132, isKilled: true) != nil)
        #expect(complaint(1, err: "Fatal error: index out of range") != nil)
        #expect(complaint(0, "task 1\n") != nil)
    }
}
