import CLibgit2
import Foundation
import Glibc
import Testing

@testable import Git

/// Indexes that libgit2 does not read, and sparse checkouts whose index is made anew.
@Suite struct StoredIndexTests {
    private static let files = [
        "a.txt": "one\n", "d/b.txt": "two\n", "d/deep/c.txt": "three\n", "e/f.txt": "four\n", "g/h/i.txt": "five\n",
    ]

    enum Kind: CaseIterable { case plain, split, compressed, splitCompressed, withoutHash, sparse }

    /// Has the worktree's index written as `kind`, with something staged in it.
    private func prepare(_ kind: Kind, _ fixture: GitFixture, _ worktree: Worktree) async throws {
        if kind == .split || kind == .splitCompressed {
            if kind == .splitCompressed {
                try await fixture.git("update-index", "--index-version", "4", in: worktree.path)
            }
            try await fixture.git("update-index", "--split-index", in: worktree.path)
        }
        if kind == .compressed { try await fixture.git("update-index", "--index-version", "4", in: worktree.path) }
        if kind == .sparse {
            try await fixture.git("sparse-checkout", "init", "--cone", "--sparse-index", in: worktree.path)
            try await fixture.git("sparse-checkout", "set", "d", in: worktree.path)
        }
        try fixture.write("staged\n", worktree.path + "/d/staged.txt")
        try fixture.write("other\n", worktree.path + "/a.txt")
        try await fixture.git("add", "-A", in: worktree.path)
        try await fixture.git("rm", "-q", "--cached", "d/b.txt", in: worktree.path)
        // What is staged is nowhere else.
        try fixture.write("changed\n", worktree.path + "/d/staged.txt")
        if kind == .withoutHash {
            let path = worktree.adminPath + "/index"
            let bytes = try #require(Directory.read(path))
            try Directory.write(bytes.dropLast(20) + [UInt8](repeating: 0, count: 20), to: path)
        }
    }

    private func index(_ stored: StoredIndex) -> [String] {
        stored.entries.map {
            "\(String($0.facts.mode, radix: 8)) \(ObjectID($0.facts.id)) \($0.stage)\t"
                + String(decoding: $0.path, as: UTF8.self)
        }
    }

    @Test("our reader sees what git sees, and one that is damaged is refused", arguments: Kind.allCases)
    func read(kind: Kind) async throws {
        try await GitFixture.with(files: Self.files) { fixture, base in
            let worktree = try fixture.add(base: base)
            try await prepare(kind, fixture, worktree)
            let path = worktree.adminPath + "/index"
            let seen = try await fixture.git("ls-files", "--stage", "--sparse", in: worktree.path)
            let expected = seen.split(separator: "\n").map { String($0.drop { $0 == "0" }) }
            #expect(try index(StoredIndex(path: path)) == expected)
            #expect(expected.count > 3 && (expected.contains { $0.hasSuffix("/") }) == (kind == .sparse))
            // Libgit2 is no help here: with what it reads the reader would not be needed.
            var opened: OpaquePointer?
            let isReadable = git_index_open(&opened, path) == 0
            git_index_free(opened)
            #expect(isReadable == [.plain, .compressed].contains(kind))
            guard kind != .withoutHash else { return }
            var bytes = try #require(Directory.read(path))
            bytes[bytes.count / 2] ^= 1
            try Directory.write(bytes, to: path)
            #expect(throws: GitError.self) { try StoredIndex(path: path) }
        }
    }

    @Test("whatever is cut off an index, the reader ends", arguments: [Kind.splitCompressed, .sparse])
    func cut(kind: Kind) async throws {
        try await GitFixture.with(files: Self.files) { fixture, base in
            let worktree = try fixture.add(base: base)
            try await prepare(kind, fixture, worktree)
            let path = worktree.adminPath + "/index"
            let bytes = try #require(Directory.read(path))
            for length in 0..<bytes.count {
                try Directory.write(Array(bytes.prefix(length)), to: path)
                #expect(throws: GitError.self) { try StoredIndex(path: path) }
                // The same without a hash, so that the content is looked at.
                try Directory.write(bytes.prefix(length) + [UInt8](repeating: 0, count: 20), to: path)
                _ = try? StoredIndex(path: path)
            }
        }
    }

    @Test(
        "a checkpoint and a commit of any kind of index are git's own, and what is left out stays",
        arguments: Kind.allCases)
    func recorded(kind: Kind) async throws {
        try await GitFixture.with(files: Self.files) { fixture, base in
            let worktree = try fixture.add(base: base)
            try await prepare(kind, fixture, worktree)
            unlink(worktree.path + "/d/deep/c.txt")
            let state = try fixture.checkpoint(worktree)
            let commit = try fixture.commit(worktree)
            let expected = ["a.txt", "d/b.txt", "d/staged.txt", "e/f.txt", "g/h/i.txt"]
            #expect(try await fixture.names(state.tree) == expected)
            #expect(try await fixture.names(try #require(commit.tip)) == expected)
            #expect(try await fixture.status(worktree) == "")
            // And of the next, with the index that was written now.
            try fixture.write("more\n", worktree.path + "/d/more.txt")
            let next = try #require(try fixture.commit(worktree).tip)
            #expect(try await fixture.names(next).contains("e/f.txt"))
            try await fixture.fsck()
        }
    }

    @Test("a worktree with any kind of index can be rewound, saved and restored", arguments: Kind.allCases)
    func savedAndRewound(kind: Kind) async throws {
        try await GitFixture.with(files: Self.files) { fixture, base in
            let worktree = try fixture.add(base: base)
            try await prepare(kind, fixture, worktree)
            let staged = try await fixture.git("rev-parse", ":d/staged.txt", in: worktree.path).trimmed
            let listing = try await fixture.git("ls-files", "--stage", "-t", in: worktree.path)
            let request = SnapshotRequest(
                worktree: worktree, reference: "refs/runner/1/snap/1", signature: GitFixture.person, message: "saved")
            let report = try Snapshot.saveVerified(request)
            #expect(report.losses.isEmpty && report.notSaved.isEmpty)
            let saved = try fixture.checkpoint(worktree).commit
            try worktree.rewind(from: saved, to: base, branch: "runner/one", tip: base)
            // The files are those of the base; what was staged of them may stay so.
            let wanted = try worktree.open().treeID(of: base)
            #expect(try fixture.checkpoint(worktree).tree == wanted)
            Directory.removeTree(worktree.path)
            try worktree.removeAdmin()
            try await fixture.git("gc", "-q", "--prune=now", in: fixture.hub.path)
            #expect(try await fixture.git("cat-file", "-p", staged, in: fixture.hub.path) == "staged\n")
            _ = try Snapshot.restore(request.reference, to: worktree)
            #expect(try await fixture.git("ls-files", "--stage", "-t", in: worktree.path) == listing)
        }
    }

    @Test("a worktree with a damaged index is saved, and the report says what is not known")
    func damaged() async throws {
        try await GitFixture.with(files: Self.files) { fixture, base in
            let worktree = try fixture.add(base: base)
            try fixture.write("nonsense", worktree.adminPath + "/index")
            let request = SnapshotRequest(
                worktree: worktree, reference: "refs/runner/1/snap/1", signature: GitFixture.person, message: "saved")
            let report = try Snapshot.saveVerified(request)
            #expect(report.notSaved.map(\.path) == ["index"] && report.losses.isEmpty)
            Directory.removeTree(worktree.path)
            try worktree.removeAdmin()
            _ = try Snapshot.restore(request.reference, to: worktree)
            #expect(Directory.read(worktree.adminPath + "/index") == Array("nonsense".utf8))
            #expect(Directory.read(worktree.path + "/g/h/i.txt") == Array("five\n".utf8))
        }
    }

    private func sparse(_ fixture: GitFixture, _ base: ObjectID) throws -> Worktree {
        try Worktree.add(
            hub: fixture.hub, name: "one", path: fixture.root + "/worktrees/one", branch: "runner/one", base: base,
            sparse: SparsePatterns(folders: ["d"]))
    }

    @Test(
        "what a sparse worktree leaves out is no deletion after its index was made anew",
        arguments: ["reset", "gone", "odd"])
    func leftOut(how: String) async throws {
        try await GitFixture.with(files: Self.files) { fixture, base in
            let worktree = try sparse(fixture, base)
            #expect(!fixture.exists(worktree.path + "/e/f.txt"))
            let before = try await fixture.git("ls-files", "-t", in: worktree.path)
            #expect(before.contains("S e/f.txt") && before.contains("H d/b.txt"))
            try fixture.write("new\n", worktree.path + "/d/new.txt")
            switch how {
            case "reset":
                // An attempt that was killed before it changed anything, after one that failed.
                let saved = try fixture.checkpoint(worktree).commit
                try worktree.rewind(from: saved, to: saved, branch: "runner/one", tip: base)
            case "gone":
                unlink(worktree.adminPath + "/index")
                _ = try worktree.repairAdmin(branch: "runner/one", tip: base)
            default: try fixture.write("nonsense", worktree.adminPath + "/index")
            }
            // Control: a real deletion is one.
            unlink(worktree.path + "/d/deep/c.txt")
            let tip = try #require(try fixture.commit(worktree).tip)
            #expect(try await fixture.names(tip) == ["a.txt", "d/b.txt", "d/new.txt", "e/f.txt", "g/h/i.txt"])
            #expect(try await fixture.status(worktree) == "")
            #expect(try await fixture.git("ls-files", "-t", in: worktree.path).contains("S e/f.txt"))
        }
    }

    @Test("in a whole worktree whose index was lost a deletion stays one")
    func whole() async throws {
        try await GitFixture.with(files: Self.files) { fixture, base in
            let worktree = try fixture.add(base: base)
            unlink(worktree.adminPath + "/index")
            unlink(worktree.path + "/e/f.txt")
            _ = try worktree.repairAdmin(branch: "runner/one", tip: base)
            let tip = try #require(try fixture.commit(worktree).tip)
            #expect(try await fixture.names(tip) == ["a.txt", "d/b.txt", "d/deep/c.txt", "g/h/i.txt"])
        }
    }
}
