import Foundation
import Testing

@testable import Git

@Suite struct DiffTests {
    @Test("the summary counts files and lines, and knows renames and binary files")
    func summary() async throws {
        let long = (0..<50).map { "line \($0)\n" }.joined()
        try await GitFixture.with(files: ["a": "1\n2\n", "gone": "gone\n", "old name": long, "bin": "\0\u{1}"]) {
            fixture, base in
            let worktree = try fixture.add(base: base)
            try change(fixture, worktree, long)
            let state = try fixture.checkpoint(worktree)
            let summary = try Diff.between(try fixture.hub.open(), from: base, to: state.commit)
            let lines = summary.files.map {
                "\($0.status.rawValue) \($0.path) +\($0.insertions) -\($0.deletions) \($0.isBinary)"
            }
            #expect(
                Set(lines) == [
                    "modified a +2 -1 false", "modified bin +0 -0 true", "deleted gone +0 -1 false",
                    "renamed new name +1 -0 false", "added new\nline +1 -0 false",
                ])
            #expect((summary.filesChanged, summary.insertions, summary.deletions) == (5, 4, 2))
            let renamed = try #require(summary.files.first { $0.status == .renamed })
            #expect(renamed.oldPathBytes == Array("old name".utf8))
            let whole = try Diff.between(try fixture.hub.open(), from: nil, to: base)
            #expect(whole.filesChanged == 4 && whole.files.allSatisfy { $0.status == .added })
        }
    }

    @Test("the patch applies with git and gives the very tree")
    func patch() async throws {
        let long = (0..<50).map { "line \($0)\n" }.joined()
        try await GitFixture.with(files: ["a": "1\n2\n", "gone": "gone\n", "old name": long, "bin": "\0\u{1}"]) {
            fixture, base in
            let worktree = try fixture.add(base: base)
            try change(fixture, worktree, long)
            symlink("a", worktree.path + "/link")
            chmod(worktree.path + "/a", 0o755)
            try fixture.write("", worktree.path + "/empty")
            try fixture.write("no end", worktree.path + "/noeol")
            try fixture.write("ü", worktree.path + "/\"ü\"\t\\")
            let state = try fixture.checkpoint(worktree)
            let patch = try Diff.patch(try fixture.hub.open(), from: base, to: state.commit)
            try Directory.write(patch, to: fixture.root + "/patch")
            try await fixture.git("apply", "--binary", "--index", fixture.root + "/patch", in: fixture.origin)
            #expect(try await fixture.git("write-tree", in: fixture.origin).trimmed == state.tree.hex)
        }
    }

    private func change(_ fixture: GitFixture, _ worktree: Worktree, _ long: String) throws {
        try fixture.write("1\n3\n4\n", worktree.path + "/a")
        try fixture.write("\0\u{2}", worktree.path + "/bin")
        unlink(worktree.path + "/gone")
        unlink(worktree.path + "/old name")
        try fixture.write(long + "more\n", worktree.path + "/new name")
        try fixture.write("x\n", worktree.path + "/new\nline")
    }
}
