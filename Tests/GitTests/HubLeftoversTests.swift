import CLibgit2
import CPlatform
import Foundation
import Glibc
import Testing

@testable import Git

/// What killed processes leave in a hub, and what its maintenance must not lose.
@Suite struct HubLeftoversTests {
    @Test("old leftovers go, young ones and all that is in use stay")
    func leftovers() async throws {
        try await GitFixture.with { fixture, _ in
            let hub = fixture.hub.path
            let (old, young) = ("oldleft", "youngleft")
            let places = ["lfs/tmp/runner-", "objects/ab/cdef.", "objects/pack/pack-1.pack."]
            for number in [old, young] {
                for place in places {
                    try fixture.write("half", "\(hub)/\(place)\(number)\(place.hasPrefix("lfs") ? "" : ".tmp")")
                }
                try fixture.write("half", "\(hub)/taking-\(number)/pack/x")
            }
            try fixture.write("whole", hub + "/lfs/objects/aa/bb/aabb")
            try fixture.write("theirs", hub + "/lfs/tmp/theirs")
            let before = Set(fixture.files(below: hub))
            #expect(try fixture.hub.removeLeftovers(age: 86_400) == 0)
            let times = [
                timeval(tv_sec: time(nil) - 90_000, tv_usec: 0), timeval(tv_sec: time(nil) - 90_000, tv_usec: 0),
            ]
            for name in before where !name.contains(young) { utimes("\(hub)/\(name)", times) }
            utimes("\(hub)/taking-\(old)", times)
            #expect(try fixture.hub.removeLeftovers(age: 86_400) == 4)
            #expect(Set(fixture.files(below: hub)) == before.filter { !$0.contains(old) })
            #expect(!fixture.exists("\(hub)/taking-\(old)") && fixture.exists("\(hub)/taking-\(young)"))
        }
    }

    @Test("commits in a large state file are kept, in one that cannot be read are a reason to stop; old anchors go")
    func states() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            let side = try fixture.taskCommit(base: base, name: "side")
            let state = worktree.adminPath + "/rebase-merge/done"
            try fixture.write("pick \(side) x\n" + String(repeating: "# \n", count: 50_000), state)
            let repository = try fixture.hub.open()
            // Of a maintenance that was killed.
            try repository.setReference("refs/runner/keep/\(base)", to: base)
            let anchors = try fixture.hub.anchorStates()
            #expect(anchors == ["refs/runner/keep/\(side)"])
            #expect(try repository.references(matching: "refs/runner/keep/*").map(\.name) == anchors)
            try fixture.hub.releaseStates(anchors)
            truncate(state, 65 << 20)
            #expect(throws: GitError.self) { try fixture.hub.anchorStates() }
            // What is no file is none of git's.
            unlink(state)
            mkdir(state, 0o755)
            #expect(try fixture.hub.anchorStates() == [])
        }
    }

    @Test("files of any size at all are counted", .enabled(if: access("/dev/shm", W_OK) == 0))
    func sizes() async throws {
        // Most file systems end at 16 TiB, but not this one.
        let folder = "/dev/shm/git-tests-\(UUID().uuidString)"
        defer { Directory.removeTree(folder) }
        for name in ["one", "two"] {
            try Directory.createParents(of: "\(folder)/modules/\(name)")
            try Directory.write([], to: "\(folder)/modules/\(name)")
            try #require(truncate("\(folder)/modules/\(name)", 7 << 60) == 0)
        }
        let root = try DirectoryHandle.open(folder)
        #expect(try TreeCopy(BytePath("modules"), of: root, to: root, private: "/nowhere").size == .max)
        try await GitFixture.with(files: [".gitignore": "modules\n"]) { fixture, base in
            let worktree = try fixture.add(base: base)
            let scan = try DirectoryScan.entries(beneath: root)
            let request = SnapshotRequest(
                worktree: worktree, reference: "refs/runner/1/snap/1", signature: GitFixture.person, message: "m",
                ignoredFileCap: .max)
            let plan = SnapshotPlan(
                worktree: scan, tracked: [], rules: try IgnoreRules(worktree: worktree, scan: scan), request: request)
            #expect(plan.entries.first { $0.path == BytePath("modules") }?.size == .max)
        }
    }
}
