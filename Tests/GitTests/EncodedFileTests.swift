import CPlatform
import Foundation
import Testing

@testable import Git

/// Edited files whose encoding in the worktree is not that in the repository.
@Suite struct EncodedFileTests {
    private static let attributes = """
        *.u16 working-tree-encoding=UTF-16
        *.le working-tree-encoding=UTF-16LE-BOM eol=crlf
        *.be working-tree-encoding=UTF-16BE
        *.l1 working-tree-encoding=ISO-8859-1 ident

        """
    private static let files = [
        ".gitattributes": attributes, "a.u16": "one\n", "b.le": "one\ntwo\n", "c.be": "one\n", "d.l1": "$Id$ é\n",
        "plain": "x\n",
    ]
    private static let edited: [(path: String, bytes: [UInt8])] = [
        ("a.u16", [0xFF, 0xFE] + utf16("hé🦊\n")), ("b.le", [0xFF, 0xFE] + utf16("one\r\nthree\r\n")),
        ("c.be", utf16("bé\n", bigEndian: true)), ("d.l1", Array("$Id: 0123 $ ".utf8) + [0xFC, 0x0A]),
    ]

    private static func utf16(_ text: String, bigEndian: Bool = false) -> [UInt8] {
        text.utf16.flatMap { unit in
            let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            return bigEndian ? bytes.reversed() : bytes
        }
    }

    /// The origin's files are UTF-8: they are added before there are attributes.
    private func with(_ body: (GitFixture, Worktree, ObjectID) async throws -> Void) async throws {
        try await GitFixture.with(files: Self.files.filter { $0.key != ".gitattributes" }) { fixture, _ in
            try fixture.write(Self.attributes, fixture.origin + "/.gitattributes")
            try await fixture.git("add", ".gitattributes", in: fixture.origin)
            try await fixture.git("commit", "-qm", "attributes", in: fixture.origin)
            let base = try await fixture.fetch()
            try await body(fixture, try fixture.add(base: base), base)
        }
    }

    private func edit(_ worktree: Worktree) throws {
        for (path, bytes) in Self.edited { try Directory.write(bytes, to: "\(worktree.path)/\(path)") }
    }

    @Test("an edited file is recorded as git records it, in UTF-8 and through the other filters")
    func recorded() async throws {
        try await with { fixture, worktree, _ in
            #expect(try fixture.checkpoint(worktree).changed == false)
            try edit(worktree)
            #expect(try Status.dirtyPaths(worktree).map(\.description) == Self.edited.map(\.path))
            let state = try fixture.checkpoint(worktree)
            for (path, _) in Self.edited {
                let theirs = try await fixture.git("hash-object", "--path", path, path, in: worktree.path).trimmed
                let ours = try await fixture.git("rev-parse", "\(state.tree):\(path)", in: fixture.hub.path).trimmed
                #expect(ours == theirs, "\(path)")
            }
            #expect(
                try await fixture.git("cat-file", "-p", "\(state.tree):a.u16", in: fixture.hub.path) == "hé🦊\n")
            _ = try fixture.commit(worktree)
            #expect(try await fixture.status(worktree) == "")
            #expect(try Status.dirtyPaths(worktree).isEmpty)
            // And out again.
            let head = try #require(try fixture.hub.open().reference("refs/heads/runner/one"))
            let again = try fixture.add("two", base: head)
            for (path, bytes) in Self.edited where path != "d.l1" {
                #expect(
                    FileManager.default.contents(atPath: "\(again.path)/\(path)").map(Array.init) == bytes, "\(path)")
            }
        }
    }

    @Test("what is not valid in its encoding keeps its bytes")
    func invalid() async throws {
        try await with { fixture, worktree, _ in
            let odd: [UInt8] = [0xFF, 0xFE, 0x41, 0x00, 0x42]
            try Directory.write(odd, to: worktree.path + "/a.u16")
            let state = try fixture.checkpoint(worktree)
            let id = try await fixture.git("rev-parse", "\(state.tree):a.u16", in: fixture.hub.path).trimmed
            let raw = try await fixture.git("hash-object", "--no-filters", "a.u16", in: worktree.path).trimmed
            #expect(id == raw)
        }
    }

    @Test("a rewind brings a file back in its encoding")
    func rewound() async throws {
        try await with { fixture, worktree, base in
            let before = try TreeListing.of(worktree.path)
            try edit(worktree)
            let saved = try fixture.checkpoint(worktree).commit
            try worktree.rewind(from: saved, to: base, branch: "runner/one", tip: base)
            let after = try TreeListing.of(worktree.path)
            #expect(Set(after.keys) == Set(before.keys))
            for (path, item) in before { #expect(after[path] == item, "\(path)") }
            #expect(try await fixture.status(worktree) == "")
        }
    }
}
