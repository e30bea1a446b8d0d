import Foundation
import Glibc
import Testing

@Suite("bad input")
struct BadInputTests {
    /// One sentence on standard error, nothing on standard output, no task.
    private func expect(
        _ output: RunnerFixture.Output, status: Int, saying text: String, in fixture: RunnerFixture? = nil
    ) async throws {
        #expect(output.status == status, "\(output.err)")
        #expect(output.out.isEmpty)
        #expect(output.err.contains(text), "\(output.err)")
        #expect(!output.err.contains("Fatal") && !output.err.contains("Error("), "\(output.err)")
        if let fixture {
            #expect(try await fixture.runner("list", "--json").json([TaskRowJSON].self).isEmpty)
        }
    }

    @Test("a task on a standard input that is closed, or a folder, is told as that", arguments: ["<&-", "< /"])
    func unreadable(redirection: String) async throws {
        try await RunnerFixture.with { fixture in
            let output = try await fixture.run(
                "/bin/sh", ["-c", "exec \"$0\" start . - \(redirection)", RunnerFixture.build + "/runner"])
            try await expect(output, status: 2, saying: "cannot be read from standard input", in: fixture)
        }
    }

    @Test("a command that there is not is named, with the one that was probably meant")
    func unknownCommand() async throws {
        try await RunnerFixture.with { fixture in
            for (words, text) in [
                (["lst"], "there is no command \"runner lst\"\n hint: did you mean \"runner list\"?"),
                (["strat", ".", "x", "--json"], "did you mean \"runner start\"?"),
                (["repo", "ad", "."], "no command \"runner repo ad\"\n hint: did you mean \"runner repo add\"?"),
                (["frobnicate"], "hint: see runner --help"),
            ] {
                let output = try await fixture.run(RunnerFixture.build + "/runner", words)
                try await expect(output, status: 2, saying: text)
            }
            try await expect(
                try await fixture.runner("start", ".", "x", "--input", "novalue"), status: 2,
                saying: "not of the form name=value.\nUsage: runner start")
            // Where the command is known, what is wrong with its arguments is said as before.
            try await expect(
                try await fixture.runner("show", "1", "lst"), status: 2, saying: "Unexpected argument 'lst'")
            #expect(try await fixture.runner("help", "start").status == 0)
        }
    }

    @Test("a file:// URL and a commit that a partial clone lacks are refused with what to give instead")
    func placesInstead() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await expect(
                try await fixture.runner("start", "file://" + repository, "x"), status: 3,
                saying: "by its plain path, without file://", in: fixture)
            try fixture.write("second\n", to: repository + "/README.md")
            try await fixture.git("commit", "-q", "-a", "-m", "second", in: repository)
            try await fixture.git("config", "uploadpack.allowFilter", "true", in: repository)
            let partial = fixture.root + "/partial"
            try await fixture.git(
                "clone", "-q", "--filter=blob:none", "file://" + repository, partial, in: fixture.root)
            let first = try await fixture.git("rev-parse", "HEAD~1", in: partial)
            let refused = try await fixture.runner("start", partial, "true", "--workflow", "script", "--base", first)
            try await expect(refused, status: 3, saying: "is a partial clone that lacks files", in: fixture)
            #expect(refused.err.contains("its origin's URL"))
            // What is checked out there is whole.
            let started = try await fixture.runner("start", partial, "cat README.md > copy", "--workflow", "script")
            #expect(started.status == 0, "\(started.err)")
            let branch = try await fixture.git(
                "for-each-ref", "--format=%(refname:short)", "refs/heads/runner", in: partial)
            #expect(try await fixture.git("show", branch + ":copy", in: partial) == "second")
            // The hint's way.
            try await fixture.git("checkout", "-q", first, in: partial)
            let again = try await fixture.runner("start", partial, "true", "--workflow", "script", "--base", first)
            #expect(again.status == 0, "\(again.err)")
        }
    }

    @Test("what does not exist or cannot be used is refused before anything is made")
    func refusals() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try FileManager.default.createDirectory(atPath: fixture.root + "/plain", withIntermediateDirectories: true)
            try await fixture.run("/usr/bin/git", ["init", "-q", fixture.root + "/empty"])
            try fixture.write("name: x\nsteps:\n  - id: a\n    runn: true\n", to: fixture.root + "/bad.yaml")
            try await expect(
                try await fixture.runner("start", fixture.root + "/nowhere", "x"), status: 3, saying: "nothing at")
            try await expect(
                try await fixture.runner("start", fixture.root + "/plain", "x"), status: 3,
                saying: "not in a Git repository")
            try await expect(
                try await fixture.runner("start", fixture.root + "/empty", "x", "--workflow", "script"), status: 3,
                saying: "no commit")
            try await expect(
                try await fixture.runner("start", repository, "x", "--workflow", "script", "--base", "nope"), status: 3,
                saying: "its branches: main")
            try await expect(
                try await fixture.runner("start", repository, "x", "--base", "--upload-pack=x"), status: 2,
                saying: "rror")
            try await expect(
                try await fixture.runner("start", repository, "x", "--workflow", fixture.root + "/bad.yaml"), status: 3,
                saying: "bad.yaml:4")
            try await expect(
                try await fixture.runner("start", repository, "x", "--workflow", "nope"), status: 3,
                saying: "no workflow")
            try await expect(try await fixture.runner("start", repository, "  "), status: 2, saying: "task")
            try await expect(
                try await fixture.runner("start", repository, "x", "--agent", "nope"), status: 3, saying: "no agent")
            try await expect(
                try await fixture.runner("start", "nobody/knows", "x"), status: 3,
                saying: "no repository is registered as \"nobody/knows\", and there is no such folder here")
            try await expect(try await fixture.runner("show", "99"), status: 3, saying: "no task")
            try await expect(try await fixture.runner("nonsense"), status: 2, saying: "nonsense", in: fixture)
        }
    }

    @Test("wrong usage makes no data folder, although commands open theirs while their arguments are being read")
    func wrongUsage() async throws {
        try await RunnerFixture.with { fixture in
            let output = try await fixture.runner("start", "--nonsense")
            #expect(output.status == 2 && output.err.contains("Usage: runner start"), "\(output)")
            #expect(!FileManager.default.fileExists(atPath: fixture.home))
            // Where all is there, wrong usage is no other.
            _ = try await fixture.runner("list")
            #expect(try await fixture.runner("list", "--nonsense").status == 2)
            #expect(try await fixture.runner("list", "--json").json([TaskRowJSON].self).isEmpty)
        }
    }

    @Test("a password in a URL is refused and appears nowhere")
    func password() async throws {
        try await RunnerFixture.with { fixture in
            let secret = "hunter2secret"
            for command in [
                ["start", "https://bob:\(secret)@example.com/a/b.git", "x"],
                ["repo", "add", "https://bob:\(secret)@example.com/a/b.git"],
            ] {
                let output = try await fixture.run(RunnerFixture.build + "/runner", command)
                #expect(output.status == 3)
                #expect(output.err.contains("credentials-in-url"))
                #expect(!(output.out + output.err).contains(secret))
            }
            let found = try await fixture.run("/bin/grep", ["-rl", secret, fixture.root])
            #expect(found.out.isEmpty, "\(found.out)")
        }
    }

    @Test("without Postgres programs one sentence says what to install")
    func noPostgres() async throws {
        try await RunnerFixture.with(["RUNNER_POSTGRES_BIN": "/nonexistent"]) { fixture in
            let output = try await fixture.runner("list")
            #expect(output.status == 4, "\(output.err)")
            #expect(output.err.contains("apt-get install postgresql"), "\(output.err)")
        }
    }

    @Test(
        "a home that cannot be written is named",
        .enabled(if: geteuid() != 0 || FileManager.default.fileExists(atPath: "/proc/version")))
    func unwritableHome() async throws {
        try await RunnerFixture.with(["RUNNER_HOME": "/proc/version/home"]) { fixture in
            let output = try await fixture.runner("list")
            #expect(output.status == 4, "\(output.err)")
            #expect(output.err.contains("/proc/version/home"), "\(output.err)")
            #expect(output.err.contains("RUNNER_HOME"))
        }
    }

    @Test("a server that is not there is one sentence, without its password")
    func noServer() async throws {
        let url = "postgres://me:topsecretpw@127.0.0.1:1/db"
        try await RunnerFixture.with(["RUNNER_STORAGE": "server", "RUNNER_DATABASE_URL": url]) { fixture in
            let output = try await fixture.runner("list")
            #expect(output.status == 4, "\(output.err)")
            #expect(!output.err.contains("topsecretpw"))
        }
    }

    @Test("what is wrong with the name of a server, or with its rights, comes with what to do about it")
    func wrongServer() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            // The fixture's own database, named as a server's.
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("start", repository, "true", "--workflow", "script").status == 0)
            let place = "user=runner&host=\(fixture.root)/home/state/postgres/run"
            func message(_ name: String, _ arguments: String...) async throws -> String {
                let extra = [
                    "RUNNER_STORAGE": "server", "RUNNER_HOME": fixture.root + "/other",
                    "RUNNER_DATABASE_URL": "postgresql:///\(name)\(name.contains("?") ? "&" : "?")\(place)",
                ]
                let output = try await fixture.run(RunnerFixture.build + "/runner", arguments, extra: extra)
                #expect(output.status == 4 || output.status == 0, "\(output.err)")
                return output.err
            }
            #expect(try await message("nodb", "list").contains("correct RUNNER_DATABASE_URL"))
            #expect(try await message("runner?sslmode=bogus", "list").contains("correct RUNNER_DATABASE_URL"))
            let standby = "runner?options=-c%20default_transaction_read_only%3Don"
            let refused = try await message(standby, "start", repository, "true", "--workflow", "script")
            #expect(refused.contains("name the primary"), "\(refused)")
            #expect(try await !message("runner", "list").contains("hint"))
        }
    }

    @Test("a full disk is one sentence and leaves no task running", .enabled(if: geteuid() == 0 && canMountTmpfs))
    func fullDisk() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let small = fixture.root + "/small"
            try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: true)
            let mounted = try await fixture.run(
                "/bin/mount", ["-t", "tmpfs", "-o", "size=3m,mode=755", "tmpfs", small])
            try #require(mounted.status == 0, "\(mounted.err)")
            let output = try await fixture.runner(
                "start", repository, "x", "--workflow", "script",
                extra: ["RUNNER_HOME": small + "/home", "RUNNER_STORAGE": "local"])
            // The database has room now; the clone has not.
            _ = try await fixture.run("/bin/mount", ["-o", "remount,size=150m", small])
            try await fixture.run(
                "/bin/sh", ["-c", "head -c 200000000 /dev/urandom > big && git add big"], in: repository)
            try await fixture.git("commit", "-q", "-m", "big", in: repository)
            let extra = ["RUNNER_HOME": small + "/home", "RUNNER_STORAGE": "local"]
            let clone = try await fixture.runner("start", repository, "x", "--workflow", "script", extra: extra)
            let repositories = try await fixture.runner("repo", "list", "--json", extra: extra)
            let left = try FileManager.default.contentsOfDirectory(atPath: small + "/home/hubs")
            try await fixture.runner("db", "stop", extra: extra)
            _ = try await fixture.run("/bin/umount", ["-l", small])
            for failed in [output, clone] {
                #expect(failed.status == 4, "\(failed.status) \(failed.err)")
                #expect(failed.out.isEmpty)
                #expect(failed.err.contains("No space left on device"), "\(failed.err)")
                #expect(!failed.err.contains("df -i"), "\(failed.err)")
            }
            #expect(try repositories.json([RepositoryJSON].self).isEmpty)
            #expect(!left.contains { $0.hasSuffix(".git") })
        }
    }
}

/// Containers often forbid it.
let canMountTmpfs: Bool = {
    var template = Array("/tmp/runner-mount.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { return false }
    let path = String(cString: made)
    defer { rmdir(path) }
    guard mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0 else { return false }
    umount2(path, 2)
    return true
}()
