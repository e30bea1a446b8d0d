import Foundation
import Testing

@testable import Git

@Suite struct CheckpointPackTests {
    /// A second hub that knows only the origin, as another host's would.
    private func elsewhere(_ fixture: GitFixture) async throws -> Hub {
        let hub = try Hub.create(at: fixture.root + "/hubs/two.git")
        try await fixture.git("fetch", "-q", fixture.origin, "+refs/heads/*:refs/remotes/origin/*", in: hub.path)
        return hub
    }

    @Test("A pack of what the base lacks rebuilds branch and checkpoint in a hub that knows only the origin")
    func roundTrip() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("more\n", worktree.path + "/new.txt")
            let tip = try #require(try fixture.commit(worktree).tip)
            try fixture.write("half-made\n", worktree.path + "/dir/b.txt")
            let checkpoint = try fixture.checkpoint(worktree).commit
            let pack = try #require(
                try CheckpointPack.make(fixture.hub, tips: [tip, checkpoint], known: [base], limit: 1 << 20))
            // Two commits, their trees, and two blobs: nothing that the origin has.
            #expect(pack.objects == 7)
            let other = try await elsewhere(fixture)
            #expect(try !other.has(checkpoint.hex))
            try other.take(pack.bytes)
            try other.take(pack.bytes)
            #expect(try other.has(tip.hex) && other.has(checkpoint.hex))
            try other.open().setReference("refs/heads/runner/one", to: tip)
            try other.open().setReference("refs/runner/1/last", to: checkpoint)
            try await fixture.git("fsck", "--strict", "--no-dangling", in: other.path)
            #expect(
                try await fixture.git("show", "\(checkpoint):dir/b.txt", in: other.path) == "half-made\n")
        }
    }

    @Test("A submodule's commit is in no pack, and nobody misses it; anything else is missed")
    func submodule() async throws {
        try await GitFixture.with { fixture, base in
            let add = { (kind: String, id: String) -> ObjectID in
                try await fixture.git("read-tree", base.hex, in: fixture.origin)
                try await fixture.git(
                    "update-index", "--add", "--cacheinfo", "\(kind),\(id),sub", in: fixture.origin)
                let tree = try await fixture.git("write-tree", "--missing-ok", in: fixture.origin).trimmed
                let commit = try await fixture.git(
                    "commit-tree", "-m", kind, "-p", base.hex, tree, in: fixture.origin)
                return try #require(ObjectID(commit.trimmed))
            }
            let other = try await elsewhere(fixture)
            let absent = String(repeating: "ab", count: 20)
            for (kind, isTaken) in [("160000", true), ("100644", false)] {
                let commit = try await add(kind, absent)
                let list = try await fixture.git(
                    "rev-list", "--objects", "--missing=allow-any", "\(commit)", "^\(base)", in: fixture.origin)
                let ids = list.split(separator: "\n").map { $0.prefix(40) }.filter { $0 != absent }
                try await fixture.git(
                    "pack-objects", "-q", fixture.root + "/\(kind)", in: fixture.origin,
                    input: ids.joined(separator: "\n") + "\n")
                let name = try #require(
                    try FileManager.default.contentsOfDirectory(atPath: fixture.root)
                        .first { $0.hasPrefix(kind) && $0.hasSuffix(".pack") })
                let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(fixture.root)/\(name)")))
                if isTaken {
                    try other.take(bytes)
                } else {
                    #expect(throws: GitError.self) { try other.take(bytes) }
                }
                #expect(try other.has(commit.hex) == isTaken)
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: other.path)
            #expect(!left.contains { $0.hasPrefix("taking-") })
        }
    }

    @Test("A pack above the limit is none, one at the limit is, and one of nothing is empty")
    func limit() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write((0..<2_000).map { "\($0 * 7_919)" }.joined(), worktree.path + "/big")
            let tip = try #require(try fixture.commit(worktree).tip)
            let pack = try #require(try CheckpointPack.make(fixture.hub, tips: [tip], known: [base], limit: .max))
            let size = pack.bytes.count
            #expect(try CheckpointPack.make(fixture.hub, tips: [tip], known: [base], limit: size) == pack)
            #expect(try CheckpointPack.make(fixture.hub, tips: [tip], known: [base], limit: size - 1) == nil)
            let nothing = try CheckpointPack.make(fixture.hub, tips: [base], known: [base], limit: 0)
            #expect(nothing == CheckpointPack(bytes: [], objects: 0))
        }
    }

    @Test("A damaged pack, or one whose base is not there, is refused and leaves nothing")
    func damage() async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("more\n", worktree.path + "/new.txt")
            let tip = try #require(try fixture.commit(worktree).tip)
            let pack = try #require(try CheckpointPack.make(fixture.hub, tips: [tip], known: [base], limit: 1 << 20))
            let other = try await elsewhere(fixture)
            for index in stride(from: 12, to: pack.bytes.count, by: 7) {
                var damaged = pack.bytes
                damaged[index] ^= 0x55
                #expect(throws: GitError.self) { try other.take(damaged) }
            }
            #expect(throws: GitError.self) { try other.take(Array(pack.bytes.dropLast(30))) }
            #expect(try !other.has(tip.hex))
            let empty = try Hub.create(at: fixture.root + "/hubs/three.git")
            #expect(throws: GitError.self) { try empty.take(pack.bytes) }
            // The control: the undamaged bytes are taken.
            try other.take(pack.bytes)
            #expect(try other.has(tip.hex))
        }
    }
}
