import Foundation
import TestSupport
import Testing

@testable import Git

/// A process that saves, removes or restores is killed (`kill -9`): no file may be lost, and the next start goes on.
@Suite(.timeLimit(.minutes(SnapshotCampaign.isLong ? 120 : 5))) struct SnapshotKillTests {
    @Test(
        "killed right after each step, nothing is lost and the next start goes on",
        arguments: ["saved", "trashed", "forgotten", "removed", "restored"])
    func edges(step: String) async throws {
        try await SnapshotFixture.with { fixture in
            let trial = try await SnapshotTrialFixture(fixture, number: 1, files: 100)
            if step == "restored" { _ = try await trial.run("clean") }
            _ = try await trial.run(step == "restored" ? "restore" : "clean", killedAt: step)
            #expect(try trial.lost(step) == (0, ""))
            try await trial.recover(step)
        }
    }

    @Test("killed at random instants, no file is lost")
    func instants() async throws {
        var random = SeededGenerator(seed: SnapshotCampaign.seed)
        // Some end by themselves before their kill comes.
        let (wanted, most) = SnapshotCampaign.isLong ? (500, 2000) : (6, 24)
        var (files, lost, killed) = (0, 0, 0)
        try await SnapshotFixture.with { fixture in
            let whole = try await SnapshotTrialFixture(fixture, number: 0, files: 100)
            let start = ContinuousClock.now
            _ = try await whole.run("clean")
            let cleaning = ContinuousClock.now - start
            _ = try await whole.run("restore")
            let restoring = ContinuousClock.now - start - cleaning
            var number = 0
            while killed < wanted, number < most {
                number += 1
                let trial = try await SnapshotTrialFixture(fixture, number: number, files: 100)
                let label = "trial \(number), seed \(SnapshotCampaign.seed)"
                let restores = number % 4 == 0
                if restores { _ = try await trial.run("clean") }
                let delay = (restores ? restoring : cleaning) * Double.random(in: 0...1, using: &random)
                let run = try await trial.run(restores ? "restore" : "clean", killedAfter: delay)
                if run.ending == .crashed { killed += 1 }
                let result = try trial.lost(label)
                #expect(result.count == 0, "\(result.what)")
                lost += result.count
                files += trial.original.files
                if number % 10 == 0 || !SnapshotCampaign.isLong { try await trial.recover(label) }
                try trial.remove()
            }
        }
        print("kills: \(lost) of \(files) files lost; \(killed) processes were killed")
        // With a kill that always comes too late nothing would be tested.
        #expect(killed == wanted)
    }

    @Test("control: a removal that does not save first loses files when it is killed")
    func control() async throws {
        try await SnapshotFixture.with { fixture in
            let trial = try await SnapshotTrialFixture(fixture, number: 1, files: 100)
            rename(trial.worktree.path + "/new1", trial.worktree.path + "/.gone")
            #expect(try trial.lost("control").count > 0)
        }
    }
}
