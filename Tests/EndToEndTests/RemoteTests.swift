import Foundation
import Testing

/// A repository behind a URL: git's own server programs, by a stand-in for ssh that runs them here.
@Suite("a remote repository")
struct RemoteTests {
    private static let ssh = """
        #!/bin/sh
        for last; do :; done
        echo "$last" >> "$HOME/connections"
        exec sh -c "$last"
        """

    private func with(_ body: (RunnerFixture, String, String) async throws -> Void) async throws {
        try await RunnerFixture.with(["RUNNER_ALLOW_PRIVATE_HOSTS": "1"]) { fixture in
            let source = try await fixture.makeRepository()
            let remote = fixture.root + "/srv.git"
            try await fixture.git("clone", "-q", "--bare", source, remote, in: fixture.root)
            try fixture.write(Self.ssh, to: fixture.root + "/bin/ssh", mode: 0o755)
            try await body(fixture, remote, "ssh://git@127.0.0.1" + remote)
        }
    }

    private func connections(_ fixture: RunnerFixture) throws -> Int {
        try String(contentsOfFile: fixture.root + "/home/connections", encoding: .utf8).split(separator: "\n").count
    }

    @Test("a default branch that was renamed there is followed by the next start, and by what looks for merges")
    func renamed() async throws {
        try await with { fixture, remote, url in
            let first = try await fixture.runner("start", url, "echo 1 > one", "--workflow", "script", "--title", "a")
            #expect(first.status == 0, "\(first.err)")
            #expect(try await fixture.runner("push", "1").status == 0)
            // Cloning, and once for the default branch; then pushing.
            #expect(try connections(fixture) == 3)
            try await fixture.runner("start", url, "echo 2 > two", "--workflow", "script")
            #expect(try connections(fixture) == 4)

            try await fixture.git("branch", "-m", "main", "trunk", in: remote)
            try await fixture.git("symbolic-ref", "HEAD", "refs/heads/trunk", in: remote)
            let second = try await fixture.runner("start", url, "echo 3 > three", "--workflow", "script")
            #expect(second.status == 0, "\(second.err)")
            #expect(try connections(fixture) == 6)
            #expect(try await fixture.runner("repo", "show", "srv").out.contains("trunk"))
            let kept = try await fixture.runner("clean", "--merged", "--dry-run").out
            #expect(kept.contains("not merged into origin/trunk") && !kept.contains("has no branch"), "\(kept)")
        }
    }

    @Test("another default branch beside the old one counts from the first fetch on at which they differ")
    func changed() async throws {
        try await with { fixture, remote, url in
            let branch = { try await fixture.runner("repo", "show", "srv").out }
            let start = { try await fixture.runner("start", url, "true", "--workflow", "script").status }
            try await fixture.runner("repo", "add", url)
            #expect(try connections(fixture) == 2)
            try await fixture.git("branch", "next", in: remote)
            try await fixture.git("symbolic-ref", "HEAD", "refs/heads/next", in: remote)
            #expect(try await start() == 0)
            #expect(try await branch().contains("branch     main"))
            #expect(try await fixture.runner("repo", "verify", "srv").status == 0)
            #expect(try await branch().contains("branch     next"))

            // Back again, with a commit there that the other lacks: one more connection, once.
            let tip = try await fixture.git("commit-tree", "-m", "more", "-p", "main", "main^{tree}", in: remote)
            try await fixture.git("update-ref", "refs/heads/main", tip, in: remote)
            try await fixture.git("symbolic-ref", "HEAD", "refs/heads/main", in: remote)
            let before = try connections(fixture)
            #expect(try await start() == 0)
            #expect(try await branch().contains("branch     main"))
            #expect(try connections(fixture) == before + 2)
            #expect(try await start() == 0)
            #expect(try connections(fixture) == before + 3)
        }
    }

    @Test("one whose HEAD is on no branch is fetched all the same")
    func dangling() async throws {
        try await with { fixture, remote, url in
            try await fixture.git("symbolic-ref", "HEAD", "refs/heads/nowhere", in: remote)
            let added = try await fixture.runner("repo", "add", url)
            #expect(added.status == 0, "\(added.err)")
            let started = try await fixture.runner("start", url, "true", "--workflow", "script", "--base", "main")
            #expect(started.status == 0, "\(started.err)")
        }
    }

    @Test("one that moved to another URL is told so, and another repository's URL is refused and leaves nothing")
    func moved() async throws {
        try await with { fixture, remote, url in
            try await fixture.runner("start", url, "echo 1 > one", "--workflow", "script")
            try await fixture.run("/bin/mv", [remote, fixture.root + "/new.git"])
            let gone = try await fixture.runner("start", url, "true", "--workflow", "script")
            #expect(gone.status == 3, "\(gone.err)")
            let new = "ssh://git@127.0.0.1" + fixture.root + "/new.git"
            let other = try await fixture.makeRepository("other", files: ["theirs": "theirs\n"])
            let blob = try await fixture.git("rev-parse", "HEAD:theirs", in: other)
            let refused = try await fixture.runner("repo", "update", "srv", "--url", "ssh://git@127.0.0.1" + other)
            #expect(refused.status == 3 && refused.err.contains("no commit in common with \"srv\""), "\(refused.err)")
            let hubs = fixture.home + "/hubs"
            let hub = try #require(
                try FileManager.default.contentsOfDirectory(atPath: hubs).first { $0.hasSuffix(".git") })
            #expect(try await fixture.run("/usr/bin/git", ["cat-file", "-e", blob], in: "\(hubs)/\(hub)").status != 0)
            #expect(
                try !FileManager.default.contentsOfDirectory(atPath: fixture.home + "/trash").contains {
                    $0.hasPrefix("move-")
                })
            let policy = try await fixture.runner("repo", "update", "srv", "--url", "ext::sh -c id")
            #expect(policy.status == 3 && policy.err.contains("transport-helper"), "\(policy.err)")
            #expect(try await fixture.runner("repo", "show", "srv").out.contains(url))

            let moved = try await fixture.runner("repo", "update", "srv", "--url", new)
            #expect(moved.status == 0, "\(moved.err)")
            #expect(try await fixture.runner("start", "srv", "true", "--workflow", "script").status == 0)
            #expect(try await fixture.runner("push", "1").status == 0)
            let branches = try await fixture.git("branch", "--list", "runner/*", in: fixture.root + "/new.git")
            #expect(branches.contains("runner/1"), "\(branches)")
        }
    }

    @Test("why a server did not answer is in the sentence, though git has it in the line after")
    func silent() async throws {
        try await RunnerFixture.with(["RUNNER_ALLOW_PRIVATE_HOSTS": "1", "RUNNER_ALLOW_INSECURE_URLS": "1"]) {
            fixture in
            // Port 1 of this machine: refused at once.
            let refused = try await fixture.runner("repo", "add", "git://127.0.0.1:1/a/b")
            #expect(refused.status == 3 && refused.err.contains("Connection refused"), "\(refused.err)")
        }
    }
}
