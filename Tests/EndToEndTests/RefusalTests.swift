import Foundation
import Testing

@Suite("refusals before anything is made")
struct RefusalTests {
    @Test("a URL that was allowed when it was registered, and is not where it is fetched, is told as that")
    func allowedElsewhere() async throws {
        try await RunnerFixture.with { fixture in
            let project = try await fixture.makeRepository()
            let bare = fixture.root + "/served/team/project.git"
            try await fixture.git("clone", "-q", "--bare", project, bare, in: fixture.root)
            let proxy = "#!/bin/sh\nexec git daemon --inetd --export-all --base-path='\(fixture.root)/served'\n"
            try fixture.write(proxy, to: fixture.root + "/proxy", mode: 0o755)
            try fixture.write("[core]\n\tgitProxy = \(fixture.root)/proxy\n", to: fixture.root + "/proxied")
            let url = "git://127.0.0.1/team/project.git"
            let allowed = [
                "RUNNER_ALLOW_INSECURE_URLS": "1", "RUNNER_ALLOW_PRIVATE_HOSTS": "1",
                "GIT_CONFIG_GLOBAL": fixture.root + "/proxied",
            ]
            let added = try await fixture.runner("repo", "add", url, extra: allowed)
            #expect(added.status == 0, "\(added.err)")
            let refused = try await fixture.runner("start", "project", "true", "--workflow", "script")
            #expect(refused.status == 3 && !refused.err.contains("insteadOf"), "\(refused.err)")
            #expect(refused.err.contains("\"\(url)\" is refused here (insecure-scheme)"), "\(refused.err)")
            try fixture.write(
                "[url \"http://example.com/\"]\n\tinsteadOf = git://127.0.0.1/\n", to: fixture.root + "/rewrites")
            let rewritten = try await fixture.runner(
                "start", "project", "true", "--workflow", "script",
                extra: ["GIT_CONFIG_GLOBAL": fixture.root + "/rewrites"])
            #expect(rewritten.err.contains("remove that url.*.insteadOf rule"), "\(rewritten.err)")
        }
    }

    @Test("a base that is no commit is refused as that, and a tag of a tag of a commit is one")
    func noCommit() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.git("tag", "folder", "HEAD^{tree}", in: repository)
            try await fixture.git("tag", "-a", "-m", "x", "file", "HEAD:README.md", in: repository)
            try await fixture.git("tag", "-a", "-m", "x", "inner", in: repository)
            try await fixture.git("tag", "-a", "-m", "x", "outer", "inner", in: repository)
            for (base, status) in [("folder", 3), ("refs/tags/folder", 3), ("file", 3), ("outer", 0)] {
                let start = try await fixture.runner(
                    "start", repository, "true", "--base", base, "--workflow", "script")
                #expect(start.status == status, "\(base): \(start.err)")
                #expect(start.err.contains("\"\(base)\" is a tag of a file or a folder") == (status == 3))
            }
        }
    }

    @Test("migrations that hold tasks are taken back by force only")
    func revert() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("start", repository, "true", "--workflow", "script")
            let refused = try await fixture.runner("db", "revert", "9999")
            #expect(refused.status == 3 && refused.err.contains("there are tasks"), "\(refused.err)")
            #expect(try await fixture.runner("list", "--quiet").out == "1\n")
            #expect(try await fixture.runner("db", "revert", "9999", "--force").status == 0)
        }
    }

    @Test(
        "a title that is too long, a price table with a mistake and a worktree of runner are told, and no task is made")
    func starts() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let long = try await fixture.runner(
                "start", repository, "x", "--title", String(repeating: "é", count: 1001))
            #expect(long.status == 2 && long.err.contains("longer than 1000 characters"), "\(long.err)")
            let prices = (fixture.variables["HOME"] ?? "") + "/.config/runner/prices.json"
            try fixture.write("{bad", to: prices)
            let refused = try await fixture.runner("start", repository, "true", "--workflow", "script")
            #expect(refused.status != 0 && refused.err.contains("prices.json"), "\(refused.err)")
            #expect(try await fixture.runner("doctor").out.contains("prices.json"))
            try FileManager.default.removeItem(atPath: prices)
            #expect(try await fixture.runner("list", "--quiet").out.isEmpty)

            let title = String(repeating: "é", count: 1000)
            #expect(
                try await fixture.runner("start", repository, "true", "--title", title, "--workflow", "script").status
                    == 0)
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let inside = try await fixture.runner("start", worktree, "true", "--workflow", "script")
            #expect(inside.status == 3 && inside.err.contains("is a worktree of runner"), "\(inside.err)")
            #expect(try await fixture.runner("repo", "list", "--quiet").out == "project\n")
        }
    }

    @Test(
        "a variable that cannot be read is told by name",
        arguments: [
            ("RUNNER_LEASE_SECONDS", "-1"), ("RUNNER_UNDO_WINDOW", "foo"), ("RUNNER_DISK_QUOTA", "foo"),
            ("RUNNER_TAKEOVER_AFTER", "x"), ("RUNNER_LINGER_SECONDS", "x"),
            ("RUNNER_HOST", String(repeating: "a", count: 256)),
            ("RUNNER_MIN_FREE_MEMORY", "-1"), ("RUNNER_PACK_LIMIT_MIB", "1.5"),
        ])
    func variable(name: String, value: String) async throws {
        try await RunnerFixture.with { fixture in
            let refused = try await fixture.runner("list", extra: [name: value])
            #expect(refused.status == 2 && refused.err.contains("\(name) is \"\(value)\""), "\(refused.err)")
        }
    }

    @Test("what repo update sets is in repo show")
    func shown() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("repo", "add", repository)
            let unknown = try await fixture.runner("repo", "update", "project", "--branch", "x/y")
            #expect(unknown.status == 3 && unknown.err.contains("no branch, tag or commit \"x/y\""), "\(unknown)")
            #expect(try await !fixture.runner("repo", "show", "project").out.contains("x/y"))
            // Made since the repository was fetched.
            try await fixture.git("branch", "x/y", in: repository)
            let set = [
                "--branch", "x/y", "--quota", "20G", "--spares", "2", "--copy", ".env", "--snapshot-retention", "5d",
            ]
            let updated = try await fixture.run(
                RunnerFixture.build + "/runner", ["repo", "update", "project"] + set)
            #expect(updated.status == 0, "\(updated.err)")
            let shown = try await fixture.runner("repo", "show", "project").out
            for part in ["x/y", "20", ".env", "5.0 days", "spares     2"] { #expect(shown.contains(part), "\(shown)") }
        }
    }

    @Test("a shallow clone is judged as any other by clean --merged, and saved whole")
    func shallow() async throws {
        try await RunnerFixture.with { fixture in
            let full = try await fixture.makeRepository("full")
            for number in 1...4 {
                try fixture.write("\(number)\n", to: full + "/f")
                try await fixture.git("commit", "-qam", "c", "--allow-empty", in: full)
                try await fixture.git("add", "-A", in: full)
            }
            let shallow = fixture.root + "/shallow"
            try await fixture.git("clone", "-q", "--depth", "2", "file://" + full, shallow, in: fixture.root)
            try await fixture.runner("start", shallow, "echo hi > new", "--workflow", "script")
            let kept = try await fixture.runner("clean", "--merged", "--dry-run")
            #expect(kept.status == 0 && (kept.out + kept.err).contains("is not merged"), "\(kept.out)\(kept.err)")
            try await fixture.git("merge", "-q", "--no-edit", "runner/1-echo-hi-new", in: shallow)
            let merged = try await fixture.runner("clean", "--merged")
            #expect(merged.status == 0, "\(merged.err)")
            #expect(!(merged.out + merged.err).contains("not saved"), "\(merged.out)\(merged.err)")
            #expect(try await fixture.runner("show", "1").out.contains("removed; bring it back"))
        }
    }
}
