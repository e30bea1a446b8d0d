import Foundation
import TestSupport
import Testing

@Suite("environments")
struct EnvironmentTests {
    @Test("every worktree has ports of its own, and a project name that Compose takes")
    func ports() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let script = "echo \"$PORT $RUNNER_PORT_0 $RUNNER_PORT_9 $COMPOSE_PROJECT_NAME\" > ports.txt"
            for _ in 1...2 {
                let started = try await fixture.runner("start", repository, script, "--workflow", "script")
                #expect(started.status == 0, "\(started.err)")
            }
            var seen: [String] = []
            for task in 1...2 {
                let path = try await fixture.runner("path", "\(task)").out.trimmingCharacters(in: .newlines)
                let text = try String(contentsOfFile: path + "/ports.txt", encoding: .utf8)
                let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
                try #require(words.count == 4)
                #expect(words[0] == words[1] && Int(words[2]) == Int(words[0]).map { $0 + 9 })
                #expect(words[3].wholeMatch(of: /[a-z0-9][a-z0-9_-]*/) != nil)
                seen += [words[0], words[3]]
            }
            #expect(Set(seen).count == 4)
        }
    }

    @Test("files that Git does not have come along where the repository ignores them, and only there")
    func copiedFiles() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: [
                ".gitignore": ".env\nlocal/\n", ".worktreeinclude": "# needed\nlocal/*.json\n", "a": "a\n",
            ])
            try fixture.write("KEY=1\n", to: repository + "/.env", mode: 0o600)
            try fixture.write("{}\n", to: repository + "/local/dev.json")
            try fixture.write("x\n", to: repository + "/local/other.txt")
            try fixture.write("secret\n", to: repository + "/open.env")
            #expect(try await fixture.runner("start", repository, "ls -A local", "--workflow", "script").status == 0)
            #expect(
                try await fixture.runner("repo", "update", "project", "--copy", ".env", "--copy", "*.env").status == 0)
            let started = try await fixture.runner("start", repository, "cat .env", "--workflow", "script")
            #expect(started.status == 0, "\(started.err)")
            #expect(started.err.contains("open.env"), "\(started.err)")
            let first = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let second = try await fixture.runner("path", "2").out.trimmingCharacters(in: .newlines)
            let exists = FileManager.default.fileExists(atPath:)
            #expect(
                exists(first + "/local/dev.json") && !exists(first + "/local/other.txt") && !exists(first + "/.env"))
            #expect(exists(second + "/.env") && !exists(second + "/open.env"))
            let mode = try FileManager.default.attributesOfItem(atPath: second + "/.env")[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try await fixture.git("show", "--name-only", "--format=", "HEAD", in: second) != ".env")
        }
    }

    @Test("a list of files with the line ends of Windows names the same files")
    func copiedByWindows() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: [
                ".gitignore": ".env\nlocal/\n", ".worktreeinclude": "\u{FEFF}.env\r\n# more\r\nlocal/*.json\r\n",
            ])
            try fixture.write("KEY=1\n", to: repository + "/.env")
            try fixture.write("{}\n", to: repository + "/local/dev.json")
            try fixture.write("x\n", to: repository + "/local/other.txt")
            let started = try await fixture.runner("start", repository, "ls -A . local", "--workflow", "script")
            #expect(started.status == 0, "\(started.err)")
            let path = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let exists = FileManager.default.fileExists(atPath:)
            #expect(exists(path + "/.env") && exists(path + "/local/dev.json"))
            #expect(!exists(path + "/local/other.txt"))
        }
    }

    @Test("a checkout whose Git directory lies elsewhere is the one that apply and the look for changes mean")
    func separateGitDirectory() async throws {
        try await RunnerFixture.with { fixture in
            let source = try await fixture.makeRepository(files: ["a": "a\n"])
            let folder = fixture.root + "/apart"
            try fixture.write("not mine\n", to: folder + "/a")
            try await fixture.git(
                "clone", "-q", "--separate-git-dir", folder + "/store", source, folder + "/split", in: folder)
            let split = folder + "/split"
            let started = try await fixture.runner("start", split, "echo b >> a", "--workflow", "script")
            #expect(started.status == 0 && !started.err.contains("uncommitted"), "\(started.err)")
            let applied = try await fixture.runner("apply", "1")
            #expect(applied.status == 0, "\(applied.err)")
            #expect(try String(contentsOfFile: split + "/a", encoding: .utf8) == "a\nb\n")
            #expect(try String(contentsOfFile: folder + "/a", encoding: .utf8) == "not mine\n")
            let again = try await fixture.runner("start", split, "true", "--workflow", "script")
            #expect(again.status == 0 && again.err.contains("uncommitted changes in \(split) "), "\(again.err)")
        }
    }

    static let rounds = ProcessInfo.processInfo.environment["RUNNER_LONG_TESTS"] == nil ? 5 : 200

    @Test("a start that is killed at a random instant leaves no half environment, and the next start reclaims it")
    func killed() async throws {
        try await RunnerFixture.with { fixture in
            let files = Dictionary(uniqueKeysWithValues: (0..<1_500).map { ("d\($0 % 30)/f\($0)", "\($0)\n") })
            let repository = try await fixture.makeRepository(files: files)
            #expect(try await fixture.runner("start", repository, "true", "--workflow", "script").status == 0)
            // However slow the machine is, the kills are spread over a whole start.
            let begun = ContinuousClock.now
            #expect(try await fixture.runner("start", repository, "true", "--workflow", "script").status == 0)
            let whole = max(30, Int((ContinuousClock.now - begun) / .milliseconds(1)))
            let seed = UInt64(ProcessInfo.processInfo.environment["SEED"] ?? "") ?? .random(in: 0..<1 << 40)
            print("SEED=\(seed) of \(EnvironmentTests.rounds) kills within \(whole) ms")
            var numbers = SeededGenerator(seed: seed)
            for round in 0..<EnvironmentTests.rounds {
                try await startAndKill(fixture, repository, after: Int.random(in: 1..<whole, using: &numbers))
                if round % 5 == 4 { try await check(fixture, repository) }
            }
        }
    }

    private func startAndKill(_ fixture: RunnerFixture, _ repository: String, after milliseconds: Int) async throws {
        let seconds = String(format: "%.3f", Double(milliseconds) / 1000)
        try await fixture.run(
            "/usr/bin/timeout",
            [
                "-s", "KILL", seconds, RunnerFixture.build + "/runner", "start", repository, "true", "--workflow",
                "script",
            ])
    }

    /// After one more start, every worktree on disk is whole and belongs to a task, and Git agrees.
    private func check(_ fixture: RunnerFixture, _ repository: String) async throws {
        try await fixture.runner("list")
        #expect(try await fixture.runner("start", repository, "true", "--workflow", "script").status == 0)
        // A killed start whose run was made already is gone on with by the daemon that its guard starts.
        try await fixture.eventually("every run has ended") {
            try await fixture.runner("list", "--json").json([TaskRowJSON].self)
                .allSatisfy { ["completed", "failed", "cancelled"].contains($0.status) }
        }
        let folder = fixture.home + "/worktrees/project"
        let hubs = try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/hubs")
        let hub = try #require(hubs.first { $0.hasSuffix(".git") }.map { "\(fixture.home)/hubs/\($0)" })
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        // A daemon that takes up a killed start makes a spare, too.
        let admins = try FileManager.default.contentsOfDirectory(atPath: hub + "/worktrees").sorted()
            .filter { !$0.hasPrefix("spare-") }
        #expect(names == admins)
        for name in names {
            #expect(try await fixture.git("status", "--porcelain", in: "\(folder)/\(name)") == "")
            let count = try FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(name)").count
            #expect(count == 1_500 + 30 + 1, "\(name) is whole")
        }
        try await fixture.git("fsck", "--no-dangling", in: hub)
        #expect(try await !fixture.git("worktree", "list", in: hub).contains("prunable"))
    }
}
