import Foundation
import Glibc

/// What has to hold once a walk is over.
struct WalkChecker: Sendable {
    let home: ChaosHome
    let ledger: WorkLedger

    private struct Row: Decodable {
        let number: Int
        let status: String
    }

    /// How many tasks there are, and what is wrong with them, their repositories and their work.
    func complaints(within limit: Duration) async throws -> (tasks: Int, complaints: [String]) {
        var complaints: [String] = []
        let end = ContinuousClock.now + limit
        var rows = try await tasks()
        while rows.contains(where: { ["queued", "running"].contains($0.status) }), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(100))
            rows = try await tasks()
        }
        for row in rows where ["queued", "running"].contains(row.status) {
            complaints.append("task \(row.number) is still \(row.status)")
        }
        for row in rows where row.status == "waiting" {
            let cancelled = try await home.fixture.runner("cancel", "\(row.number)")
            // What waits for another that was cancelled just now ended with it.
            if ![0, 3].contains(cancelled.status) { complaints.append("cancel \(row.number): \(cancelled.err)") }
        }
        while ContinuousClock.now < end, !home.processes(.shim).isEmpty {
            try await Task.sleep(for: .milliseconds(100))
        }
        complaints += home.processes(.shim).map { "left: \($0.command)" }
        let figures = try await home.fixture.runner("usage", "--check")
        if figures.status != 0 { complaints.append("usage --check: \(figures.out)\(figures.err)") }
        for hub in try FileManager.default.contentsOfDirectory(atPath: home.fixture.home + "/hubs")
        where hub.hasSuffix(".git") {
            let place = "\(home.fixture.home)/hubs/\(hub)"
            let checked = try await home.fixture.run("/usr/bin/git", ["-C", place, "fsck", "--connectivity-only"])
            if checked.status != 0 { complaints.append("git fsck: \(checked.out)\(checked.err)") }
        }
        complaints += try await ledger.lost().map { "lost: \($0)" }
        return (rows.count, complaints)
    }

    private func tasks() async throws -> [Row] {
        try await home.fixture.runner("list", "--json", "--limit", "100000").json([Row].self)
    }
}
