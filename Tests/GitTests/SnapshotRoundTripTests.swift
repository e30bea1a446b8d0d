import Foundation
import TestSupport
import Testing

@testable import Git

@Suite(.timeLimit(.minutes(SnapshotCampaign.isLong ? 120 : 5))) struct SnapshotRoundTripTests {
    /// What can be seen of a worktree from outside: a walk of our own, and the `git` binary.
    private struct View {
        var tree: SnapshotTreeView
        var administrative: SnapshotTreeView
        var git: [String]

        /// In words; nothing when the views are equal.
        func differences(from other: View) -> [String] {
            tree.differences(from: other.tree)
                + administrative.differences(from: other.administrative).map { "gitdir: " + $0 }
                + zip(git, other.git).filter { $0 != $1 }.map { "git: \($0) | \($1)" }
        }
    }

    @Test("every kind of oddity alone survives snapshot, removal and restore", arguments: SnapshotOddity.allCases)
    func alone(oddity: SnapshotOddity) async throws {
        try await SnapshotFixture.with { fixture in
            try await roundTrip([oddity], name: "one", fixture)
            try await SnapshotFixture.git(["fsck", "--strict", "--no-dangling"], in: fixture.hub.path)
        }
    }

    @Test("mixed oddities survive snapshot, removal and restore", arguments: 1...4)
    func mixed(seed: Int) async throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: UInt64(seed))
        try await SnapshotFixture.with { fixture in
            for number in 1...10 {
                var oddities = Array(SnapshotOddity.others.shuffled(using: &random).prefix(5))
                oddities.removeAll { [.largeFile, .deepTree, .fifoIgnoreFile, .tenThousandFiles].contains($0) }
                // A locked index stops Git itself from making the other states.
                oddities.sort { a, b in a != .lockedIndex && b == .lockedIndex }
                if let state = SnapshotOddity.states.randomElement(using: &random) { oddities.insert(state, at: 0) }
                try await roundTrip(oddities, name: "mixed-\(number)", fixture)
            }
            try await SnapshotFixture.git(["fsck", "--no-dangling"], in: fixture.hub.path)
        }
    }

    /// The campaign of `make torture`: the seed is printed, and `RUNNER_TORTURE_SEED` repeats it.
    @Test("a thousand mixed worktrees survive", .enabled(if: SnapshotCampaign.isLong))
    func thousand() async throws {
        let seed = SnapshotCampaign.seed
        print("torture: seed \(seed), \(SnapshotOddity.allCases.count) kinds")
        var random = SeededGenerator(seed: seed)
        for round in 0..<40 {
            try await SnapshotFixture.with { fixture in
                for number in 1...25 {
                    var oddities = Array(
                        SnapshotOddity.others.shuffled(using: &random).prefix(.random(in: 1...8, using: &random)))
                    if round % 20 != 0 { oddities.removeAll { $0 == .tenThousandFiles } }
                    // A locked index stops Git itself from making the other states.
                    oddities.sort { a, b in a != .lockedIndex && b == .lockedIndex }
                    if let state = SnapshotOddity.states.randomElement(using: &random) { oddities.insert(state, at: 0) }
                    try await roundTrip(oddities, name: "round-\(round)-\(number)", fixture)
                }
                // What a hostile .gitmodules in somebody's index says is not damage.
                try await SnapshotFixture.git(
                    ["-c", "fsck.gitmodulesUrl=ignore", "-c", "fsck.gitmodulesPath=ignore", "fsck", "--no-dangling"],
                    in: fixture.hub.path)
            }
            print("torture: \((round + 1) * 25) worktrees")
        }
        print("torture: 1000 worktrees")
    }

    /// Makes, saves, removes and restores one worktree; whatever differs then must have been announced.
    private func roundTrip(_ oddities: [SnapshotOddity], name: String, _ fixture: SnapshotFixture) async throws {
        let worktree = try fixture.worktree(name)
        for oddity in oddities {
            do {
                try await oddity.apply(to: worktree, fixture)
            } catch is SnapshotFixture.ToolFailure {
                // Git refuses some combinations, as a sparse checkout during a merge; the rest still counts.
            }
        }
        // Git itself waits for ever on a fifo of that name.
        let asksGit = !oddities.contains(.fifoIgnoreFile)
        var before = try await view(worktree, asksGit)
        let request = fixture.request(worktree, cap: 2 << 20)
        let report = try Snapshot.saveVerified(request)
        #expect(report.losses.isEmpty, "\(oddities): \(report.losses)")
        try fixture.remove(worktree)
        let restoration = try Snapshot.restore(request.reference, to: worktree)
        #expect(restoration.commit == report.commit)
        var after = try await view(worktree, asksGit)
        for announced in report.notSaved + restoration.notRestored {
            for path in [announced.path, String(announced.path.dropFirst("gitdir:".count))] {
                before.tree.drop(path)
                after.tree.drop(path)
                before.administrative.drop(path)
                after.administrative.drop(path)
            }
        }
        #expect(before.differences(from: after) == [], "\(oddities)")
    }

    private func view(_ worktree: Worktree, _ asksGit: Bool) async throws -> View {
        var git: [String] = []
        for arguments in [
            ["status", "--porcelain=v2", "--branch", "--show-stash", "--untracked-files=all"],
            ["ls-files", "--stage", "-t"], ["stash", "list", "--format=%H %gs"], ["rev-parse", "HEAD"],
            ["for-each-ref"], ["reflog", "--format=%H %gs"],
        ] where asksGit || arguments[0] != "status" {
            git.append(
                try await SnapshotFixture.git(
                    ["--no-optional-locks", "-c", "core.quotePath=true"] + arguments, in: worktree.path, fails: true))
        }
        // Snapshots themselves are references of the hub.
        git[git.count - 2] = git[git.count - 2].split(separator: "\n").filter { !$0.contains("/snap/") }
            .joined(separator: "\n")
        var administrative = SnapshotTreeView(worktree.adminPath)
        administrative.dropTimes()
        return View(tree: SnapshotTreeView(worktree.path), administrative: administrative, git: git)
    }
}
