import CPlatform
import Foundation
import Glibc
import Testing

@testable import Git

/// `$Id$` on both ways, beside git.
@Suite struct IdentTests {
    private static let contents = [
        "<?php\n$Idx = 5;\nlost_line();\n$b = $Idx;\n", "$Id$\n", "$Id: old $\n", "x $Id: old $ y $Id$ z $Id: $\n",
        "$Id: one\ntwo $\n$Id: three $", "$Id", "$Id:", "$Id: $", "$Id:$", "$$Id: a$$", "$Id: a b c $\r\nmore\r\n",
        "$Identity$ $Id: never closed\n", "$Id:\n$Id: x $\n", "", "$",
        "$Id: 0123456789012345678901234567890123456789 $",
    ]

    private func with(_ body: (GitFixture, Worktree, ObjectID) async throws -> Void) async throws {
        var files = [".gitattributes": "*.php ident\n*.crlf ident text eol=crlf\n", "plain": "x\n"]
        for number in Self.contents.indices { files["\(number).php"] = "first\n" }
        try await GitFixture.with(files: files) { fixture, base in
            try await body(fixture, try fixture.add(base: base), base)
        }
    }

    @Test("a file is recorded as git records it")
    func recorded() async throws {
        try await with { fixture, worktree, _ in
            for (number, text) in Self.contents.enumerated() {
                for ending in ["php", "crlf", "raw"] {
                    try fixture.write(text, "\(worktree.path)/\(number).\(ending)")
                }
            }
            let dirty = Set(try Status.dirtyPaths(worktree).map(\.description))
            let state = try fixture.checkpoint(worktree)
            for number in Self.contents.indices {
                for name in ["\(number).php", "\(number).crlf", "\(number).raw"] {
                    let theirs = try await fixture.git("hash-object", "--path", name, name, in: worktree.path).trimmed
                    let ours = try await fixture.git("rev-parse", "\(state.tree):\(name)", in: fixture.hub.path).trimmed
                    #expect(ours == theirs, "\(name): \(Self.contents[number].debugDescription)")
                    #expect(dirty.contains(name))
                }
            }
            _ = try fixture.commit(worktree)
            #expect(try await fixture.status(worktree) == "")
            #expect(try Status.dirtyPaths(worktree).isEmpty)
        }
    }

    @Test("a rewind brings files back as git would")
    func rewound() async throws {
        try await with { fixture, worktree, base in
            for (number, text) in Self.contents.enumerated() {
                try fixture.write(text, "\(worktree.path)/\(number).php")
                try fixture.write(text, "\(worktree.path)/\(number).crlf")
            }
            let before = try #require(try fixture.commit(worktree).tip)
            for number in Self.contents.indices {
                try fixture.write("other\n", "\(worktree.path)/\(number).php")
                unlink("\(worktree.path)/\(number).crlf")
            }
            let saved = try fixture.checkpoint(worktree).commit
            try worktree.rewind(from: saved, to: before, branch: "runner/one", tip: before)
            #expect(try await fixture.status(worktree) == "")
            let clone = fixture.root + "/clone"
            try await fixture.git("clone", "-q", "-b", "runner/one", fixture.hub.path, clone, in: fixture.root)
            // Of two dollars in a row git itself makes one thing or the other, by how it reads the file.
            for number in Self.contents.indices where !Self.contents[number].contains("$$") {
                for name in ["\(number).php", "\(number).crlf"] {
                    #expect(
                        Directory.read("\(worktree.path)/\(name)") == Directory.read("\(clone)/\(name)"),
                        "\(name): \(Self.contents[number].debugDescription)")
                }
            }
        }
    }

    @Test("attributes of the clone's own file count for a rewind as for a checkout")
    func ownAttributes() async throws {
        try await GitFixture.with { fixture, _ in
            try fixture.write("*.txt working-tree-encoding=UTF-16\n", fixture.hub.path + "/info/attributes")
            let base = try await fixture.fetch()
            let worktree = try fixture.add(base: base)
            let before = try TreeListing.of(worktree.path)
            #expect(Directory.read(worktree.path + "/a.txt")?.contains(0) == true)
            unlink(worktree.path + "/a.txt")
            let saved = try fixture.checkpoint(worktree).commit
            try worktree.rewind(from: saved, to: base, branch: "runner/one", tip: base)
            #expect(try TreeListing.of(worktree.path) == before)
            #expect(try await fixture.status(worktree) == "")
        }
    }
}
