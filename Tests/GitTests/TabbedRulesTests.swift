import CLibgit2
import Foundation
import Glibc
import Testing

@testable import Git

/// Patterns that end in a tab, which libgit2 reads in another way than git.
@Suite struct TabbedRulesTests {
    private static let rules = "*.log\t\nbuild/\t \nplain\nesc\\\t\n# note\t\ntwo\t\t\nkept.tmp\t\r\n*.tmp\n!never\t\n"
    private static let names = [
        "a.log", "build/x", "plain", "esc", "note", "two", "kept.tmp", "never", "deep/er/b.log", "deep/plain", "other",
        "esc\t",
    ]

    @Test("what is recorded and what a snapshot takes for ignored are as git has it", arguments: [rules, "sub rules"])
    func sameAsGit(rules: String) async throws {
        try await GitFixture.with { fixture, base in
            let worktree = try fixture.add(base: base)
            if rules == Self.rules {
                try fixture.write(rules, worktree.path + "/.gitignore")
            } else {
                try fixture.write("*.log\nplain\n", worktree.path + "/.gitignore")
                try fixture.write("b.log\t\n!b.log\n", worktree.path + "/deep/er/.gitignore")
            }
            for name in Self.names { try fixture.write("x\n", worktree.path + "/" + name) }
            let listed = try await fixture.git(
                "ls-files", "-z", "--others", "--cached", "--exclude-standard", in: worktree.path)
            let expected = Set(listed.split(separator: "\0").map(String.init))
            #expect(expected.contains("other") && !expected.contains("plain"))
            let request = SnapshotRequest(
                worktree: worktree, reference: "refs/runner/1/snap/1", signature: GitFixture.person, message: "m")
            _ = try Snapshot.write(request)
            let manifest = try Snapshot.describe(hub: fixture.hub, reference: request.reference)
            let ignored = Set(manifest.entries.filter { $0.class == .ignored && $0.kind == .file }.map(\.path))
            #expect(ignored == Set(Self.names.filter { !expected.contains($0) }.map { BytePath($0) }))
            let tree = try fixture.checkpoint(worktree).tree
            let recorded = try await fixture.git("ls-tree", "-rz", "--name-only", tree.hex, in: fixture.hub.path)
            #expect(Set(recorded.split(separator: "\0").map(String.init)) == expected)
            // Control: libgit2's own answer is another where it matters.
            var isIgnored: Int32 = 0
            let repository = try worktree.open()
            #expect(git_ignore_path_is_ignored(&isIgnored, repository.pointer, "deep/er/b.log") == 0)
            #expect((isIgnored == 1) == (rules == Self.rules))
        }
    }
}
