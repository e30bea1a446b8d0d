import Foundation
import Testing

@testable import Git

@Suite(.timeLimit(.minutes(5))) struct SnapshotRoundTripTests {
    /// What can be seen of a worktree from outside: two independent programs and our own manifest.
    private struct View: Equatable {
        var archive: [UInt8]
        var manifest: Set<String>
        var status: String
        var stashes: String
        var references: String
    }

    /// Oddities whose content is announced as not saved; `tar` leaves these paths out.
    private static let announced = ["./node_modules", "./socket", "./.git"]

    @Test("every kind of oddity alone survives snapshot, removal and restore", arguments: SnapshotOddity.allCases)
    func alone(oddity: SnapshotOddity) async throws {
        try await SnapshotFixture.with { fixture in
            try await roundTrip([oddity], name: "one", fixture)
            try await SnapshotFixture.git(["fsck", "--strict", "--no-dangling"], in: fixture.hub.path)
        }
    }

    @Test("mixed oddities survive snapshot, removal and restore", arguments: 1...10)
    func mixed(seed: Int) async throws {
        print("seed \(seed)")
        var random = Seeded(state: UInt64(seed))
        try await SnapshotFixture.with { fixture in
            for number in 1...10 {
                var oddities = Array(SnapshotOddity.others.shuffled(using: &random).prefix(5))
                oddities.removeAll { [.largeFile, .deepTree, .fifoIgnoreFile].contains($0) }
                // A locked index stops Git itself from making the other states.
                oddities.sort { a, _ in a != .lockedIndex }
                if let state = SnapshotOddity.states.randomElement(using: &random) { oddities.insert(state, at: 0) }
                try await roundTrip(oddities, name: "mixed-\(number)", fixture)
            }
            try await SnapshotFixture.git(["fsck", "--no-dangling"], in: fixture.hub.path)
        }
    }

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
        let isAsked = !oddities.contains(.fifoIgnoreFile)
        let status = isAsked ? try await status(worktree) : ""
        let request = fixture.request(worktree, cap: 2 << 20)
        let report = try Snapshot.saveVerified(request)
        let before = try await view(worktree, request.reference, status)
        #expect(report.losses.isEmpty, "\(oddities): \(report.losses)")
        try fixture.remove(worktree)
        let restoration = try Snapshot.restore(request.reference, to: worktree)
        #expect(restoration.commit == report.commit)
        var again = request
        again.reference = "refs/runner/\(name)/snap/2"
        _ = try Snapshot.saveVerified(again)
        let after = try await view(worktree, again.reference, isAsked ? try await self.status(worktree) : "")
        #expect(before.manifest.symmetricDifference(after.manifest) == [], "\(oddities)")
        #expect(before.archive == after.archive, "\(oddities)")
        #expect(before.status == after.status, "\(oddities)")
        #expect(before.stashes == after.stashes, "\(oddities)")
        #expect(before.references == after.references, "\(oddities)")
    }

    private func status(_ worktree: Worktree) async throws -> String {
        try await SnapshotFixture.git(
            ["--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=all"],
            in: worktree.path, fails: true)
    }

    private func view(_ worktree: Worktree, _ reference: String, _ status: String) async throws -> View {
        let entries = try Snapshot.describe(hub: worktree.hub, reference: reference).entries
        // A folder above the cap comes back smaller, and then is below it.
        let files = entries.filter {
            $0.area == .worktree && $0.class != .unsaved && !$0.path.isWithin(BytePath(".git"))
                && !($0.kind == .directory && $0.path.isWithin(BytePath("node_modules")))
        }
        let excludes = Self.announced.map { "--exclude=\($0)" }
        let sum = try await SnapshotFixture.tool(
            "tar",
            ["--anchored", "--no-wildcards"] + excludes
                + ["--sort=name", "--format=posix", "--pax-option=delete=atime,delete=ctime", "--numeric-owner"]
                + ["-C", worktree.path, "-cf", "-", "."], fails: true)
        return View(
            archive: sum, manifest: Set(files.map(\.line)), status: status,
            stashes: try await SnapshotFixture.git(["stash", "list"], in: worktree.path),
            references: try await SnapshotFixture.git(
                ["for-each-ref", "refs/heads", "refs/bisect", "refs/worktree", "refs/stash"], in: worktree.path))
    }

    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
