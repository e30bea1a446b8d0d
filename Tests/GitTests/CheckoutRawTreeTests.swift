import CPlatform
import Foundation
import Glibc
import Testing

@testable import Git

/// Trees whose very bytes are odd, as old or careless writers left them and `git fast-import` cannot make them.
@Suite struct CheckoutRawTreeTests {
    struct Raw: Sendable, CustomTestStringConvertible {
        let name: String
        /// In this order; the content is a blob's, or a link's target.
        var entries: [(mode: String, name: [UInt8], content: [UInt8])]

        var testDescription: String { name }

        init(_ name: String, _ entries: [(String, String, String)]) {
            self.name = name
            self.entries = entries.map { ($0.0, Array($0.1.utf8), Array($0.2.utf8)) }
        }
    }

    static let same = [
        Raw("modes with group bits", [("100664", "a", "1\n"), ("100600", "b", "2\n"), ("100775", "c", "3\n")]),
        Raw("modes with zeros before them", [("0100644", "a", "1\n"), ("0100755", "b", "2\n"), ("0120000", "l", "a")]),
        Raw("entries out of order", [("100644", "b", "1\n"), ("100644", "a", "2\n"), ("100755", "c", "3\n")]),
        Raw("a link whose target holds a zero byte", [("100644", "a", "1\n"), ("120000", "l", "a\0b")]),
        Raw("a link whose target is as long as can be", [("120000", "l", String(repeating: "t", count: 4_095))]),
        Raw("one blob as file, program and link", [("100644", "a", "b"), ("100755", "b", "b"), ("120000", "c", "b")]),
    ]

    static let refused = [
        Raw("one name twice", [("100644", "a", "1\n"), ("100644", "a", "2\n")]),
        Raw("a file and a link of one name", [("100644", "a", "1\n"), ("120000", "a", "/etc")]),
        Raw(
            "a link whose target is too long",
            [("100644", "a", "1"), ("120000", "l", String(repeating: "t", count: 4_096))]),
        Raw("a link to nothing", [("120000", "l", "")]),
        Raw("an empty name", [("100644", "", "1\n")]),
        Raw("a slash in a name", [("100644", "../a", "1\n")]),
    ]

    @Test("what git makes of an odd tree is what we make of it", arguments: same)
    func equals(raw: Raw) async throws {
        try await GitFixture.withHub { fixture in
            try await fixture.compareCheckout(of: try await commit(raw, in: fixture), isRegular: false)
        }
    }

    @Test("a tree that no directory can hold is refused, and nothing of it is left", arguments: refused)
    func refuses(raw: Raw) async throws {
        try await GitFixture.withHub { fixture in
            let base = try await commit(raw, in: fixture)
            #expect(throws: GitError.self) { try fixture.add(base: base) }
            #expect(!fixture.exists(fixture.root + "/worktrees/one"))
            #expect(!fixture.exists(fixture.hub.path + "/worktrees/one"))
            #expect(try fixture.hub.open().reference("refs/heads/runner/one") == nil)
        }
    }

    @Test("a path of 4,095 bytes is refused or made as git does; one of 4,096 is refused")
    func longPaths() async throws {
        for length in [4_095, 4_096] {
            let folders = Array(repeating: String(repeating: "d", count: 249), count: 16).joined(separator: "/") + "/"
            let path = folders + String(repeating: "f", count: length - folders.utf8.count)
            try await GitFixture.withHub { fixture in
                let base = try await fixture.importCommit(CheckoutOddity("long", [CheckoutOddity.file(path)]))
                if length > CheckoutPlan.pathLimit {
                    #expect(throws: GitError.self) { try fixture.add(base: base) }
                    #expect(!fixture.exists(fixture.root + "/worktrees/one"))
                } else {
                    let worktree = try fixture.add(base: base)
                    #expect(try Status.dirtyPaths(worktree).isEmpty)
                    #expect(try TreeListing.of(worktree.path).keys.map(\.bytes.count).max() == length)
                }
            }
        }
    }

    private func commit(_ raw: Raw, in fixture: GitFixture) async throws -> ObjectID {
        var bytes: [UInt8] = []
        let file = fixture.root + "/object"
        for entry in raw.entries {
            try Data(entry.content).write(to: URL(fileURLWithPath: file))
            let id = try await fixture.git("hash-object", "-w", file, in: fixture.hub.path).trimmed
            var hash = try #require(ObjectID(id)).oid
            bytes +=
                Array(entry.mode.utf8) + [0x20] + entry.name + [0] + withUnsafeBytes(of: &hash) { Array($0.prefix(20)) }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let tree = try await fixture.git(
            "hash-object", "-t", "tree", "-w", "--literally", file, in: fixture.hub.path
        ).trimmed
        let commit = try await fixture.git("commit-tree", "-m", "odd", tree, in: fixture.hub.path).trimmed
        return try #require(ObjectID(commit))
    }
}
