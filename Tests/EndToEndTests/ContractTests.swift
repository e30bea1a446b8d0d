import Foundation
import Testing

@Suite("outputs with types, productions and artifacts")
struct ContractTests {
    private struct Artifact: Decodable {
        let name: String
        let version: Int
        let kind: String
        let mediaType: String
        let size: Int
        let location: String?
        let step: String?
    }

    /// Runs a workflow of one step and returns how it ended.
    private func start(_ fixture: RunnerFixture, _ repository: String, _ keys: String) async throws
        -> RunnerFixture.Output
    {
        let file = fixture.root + "/w.yaml"
        try fixture.write("name: w\nsteps:\n  - id: one\n" + keys, to: file)
        return try await fixture.runner("start", repository, "t", "--workflow", file)
    }

    @Test("a step whose outputs are missing or wrong has failed, with the path of what is wrong")
    func outputs() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let keys = { (value: String) in
                """
                    outputs: { plan: { type: object, properties: { files: { items: string } } }, note: string? }
                    env: { PLAN: '\(value)' }
                    run: |
                      echo work >> work.txt
                      [ -z "$PLAN" ] || echo "plan=$PLAN" >> "$RUNNER_OUTPUT"

                """
            }
            let wrong = try await start(fixture, repository, keys(#"{"files":["a","b",3]}"#))
            #expect(
                wrong.status == 1 && wrong.err.contains("outputs.plan.files[2]: expected a string, found 3"),
                "\(wrong.err)")
            // The work of a failed step stays uncommitted.
            let path = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try await fixture.git("status", "--porcelain", in: path) == "?? work.txt")
            let missing = try await start(fixture, repository, keys(""))
            #expect(
                missing.status == 1 && missing.err.contains("outputs.plan: the step did not set it"), "\(missing.err)")
            #expect(try await start(fixture, repository, keys(#"{"files":["a"]}"#)).status == 0)
        }
    }

    @Test(
        "exit status 0 with nothing done is no success",
        arguments: [
            (
                "files: [dist/*.js]", "mkdir dist; touch dist/a.css", "touch dist/b.js",
                "produces.files: no file matches \"dist/*.js\""
            ),
            ("changes: true", "'true'", "echo x > x", "produces.changes: it changed no file"),
            ("commits: true", "'true'", "echo x > x", "produces.commits: its branch has no new commit"),
            (
                "artifacts: [a.txt]", "'true'", "echo x > \"$RUNNER_ARTIFACTS/a.txt\"",
                "produces.artifacts: there is no artifact \"a.txt\""
            ),
        ])
    func produces(declared: String, idle: String, work: String, reason: String) async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let failed = try await start(fixture, repository, "    produces: { \(declared) }\n    run: \(idle)\n")
            #expect(failed.status == 1 && failed.err.contains(reason), "\(failed.err)")
            let script = "    produces: { \(declared) }\n    run: |\n      mkdir -p dist\n      \(work)\n"
            let done = try await start(fixture, repository, script)
            #expect(done.status == 0, "\(done.err)")
        }
    }

    @Test(
        "what stands in the place of the output file is told, never followed or waited for",
        arguments: [
            ("mkdir \"$RUNNER_OUTPUT\"", "there is a folder in the place of RUNNER_OUTPUT"),
            ("ln -s /etc/hostname \"$RUNNER_OUTPUT\"", "there is a link in the place of RUNNER_OUTPUT"),
            ("mkfifo \"$RUNNER_OUTPUT\"", "there is a named pipe in the place of RUNNER_OUTPUT"),
            ("'true'", nil), ("echo a=1 > \"$RUNNER_OUTPUT\"", nil),
        ])
    func replacedOutput(work: String, reason: String?) async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let ended = try await start(
                fixture, repository, "    run: |\n      rm \"$RUNNER_OUTPUT\" \"$RUNNER_STEP_SUMMARY\"\n      \(work)\n"
            )
            #expect(ended.status == (reason == nil ? 0 : 1), "\(ended.err)")
            let attempt = try #require(
                try await fixture.runner("steps", "1", "--json").json([StepJSON].self).first?.attempts.first)
            let error = try #require(attempt.error)
            #expect(error.contains("RUNNER_STEP_SUMMARY was deleted"), "\(error)")
            #expect(error.contains(reason ?? "RUNNER_STEP_SUMMARY"), "\(error)")
            #expect(error.contains("RUNNER_OUTPUT was deleted") == (work == "'true'"), "\(error)")
        }
    }

    @Test("a hidden file among the artifacts is left aside with a word; any other name that is none fails the step")
    func hiddenArtifact() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let done = try await start(
                fixture, repository,
                "    run: |\n      cd \"$RUNNER_ARTIFACTS\"; echo r > report.md; echo x > .cache; mkdir .tmp\n")
            #expect(done.status == 0, "\(done.err)")
            #expect(
                try await fixture.runner("artifact", "list", "1", "--json").json([Artifact].self).map(\.name) == [
                    "report.md"
                ])
            let attempt = try #require(
                try await fixture.runner("steps", "1", "--json").json([StepJSON].self).first?.attempts.first)
            #expect(attempt.error?.contains("are no artifacts: \".cache\", \".tmp\"") == true, "\(attempt)")
            let failed = try await start(
                fixture, repository, "    run: |\n      echo x > \"$RUNNER_ARTIFACTS/$(printf 'a\\tb')\"\n")
            #expect(failed.status == 1 && failed.err.contains("control characters"), "\(failed.err)")
        }
    }

    @Test("artifacts are handed over with versions, listed, shown and saved; large ones survive maintenance")
    func artifacts() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let keys = """
                    artifacts: { notes.md: docs/notes.md }
                    run: |
                      mkdir -p docs; echo "# Notes $RUNNER_RUN_NUMBER" > docs/notes.md
                      echo '{"a": 1}' > "$RUNNER_ARTIFACTS/data.json"
                      head -c 200000 /dev/zero > "$RUNNER_ARTIFACTS/large.bin"
                      : > "$RUNNER_ARTIFACTS/empty"

                """
            let started = try await start(fixture, repository, keys)
            #expect(started.status == 0, "\(started.err)")
            let list = try await fixture.runner("artifact", "list", "1", "--json").json([Artifact].self)
            #expect(list.map(\.name) == ["data.json", "empty", "large.bin", "notes.md"])
            #expect(list.map(\.kind) == ["json", "text", "file", "text"])
            #expect(
                list.map(\.mediaType) == [
                    "application/json", "text/plain", "application/octet-stream", "text/markdown",
                ])
            #expect(list.map(\.size) == [9, 0, 200_000, 10] && list.allSatisfy { $0.step == "one" && $0.version == 1 })
            #expect(list[2].location?.hasPrefix("git:") == true && list[0].location == nil)
            #expect(try await fixture.runner("artifact", "show", "1", "notes.md").out == "# Notes 1\n")
            #expect(try await fixture.runner("retry", "1", "--from", "one").status == 0)
            #expect(
                try await fixture.runner("artifact", "list", "1", "--all", "--quiet").out.split(separator: "\n").count
                    == 8)
            #expect(
                try await fixture.runner("artifact", "show", "1", "data.json", "--version", "1").out == "{\"a\": 1}\n")
            let hubs = try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/hubs")
            let hub = fixture.home + "/hubs/" + (try #require(hubs.first { $0.hasSuffix(".git") }))
            try await fixture.git("repack", "-Ad", "-q", in: hub)
            try await fixture.git("prune", "--expire=now", in: hub)
            let target = fixture.root + "/saved.bin"
            let saved = try await fixture.runner("artifact", "save", "1", "large.bin", "--to", target)
            #expect(saved.status == 0 && saved.out == target + "\n", "\(saved.err)")
            #expect(FileManager.default.contents(atPath: target) == Data(count: 200_000))
            #expect(try await fixture.runner("artifact", "save", "1", "large.bin", "--to", target).status == 3)
            #expect(
                try await fixture.runner("artifact", "save", "1", "large.bin", "--to", target, "--force").status == 0)
            let unknown = try await fixture.runner("artifact", "show", "1", "none")
            #expect(unknown.status == 3 && unknown.err.contains("data.json"), "\(unknown.err)")
            #expect(try await fixture.runner("artifact", "show", "1", "data.json", "--version", "9").status == 3)
        }
    }

    @Test(
        "what is no regular file, or too large, is not handed over, and says so",
        arguments: [
            (
                "ln -s /etc/passwd \"$RUNNER_ARTIFACTS/x\"",
                "the artifact \"x\": it is no file that can be read without a link"
            ),
            ("mkfifo \"$RUNNER_ARTIFACTS/x\"", "the artifact \"x\": it is no regular file"),
            ("mkdir \"$RUNNER_ARTIFACTS/x\"", "the artifact \"x\": it is no regular file"),
            (
                "truncate -s 70M \"$RUNNER_ARTIFACTS/x\"",
                "the artifact \"x\": it has 73400320 bytes: the limit is 67108864"
            ),
            (
                "for i in $(seq 101); do : > \"$RUNNER_ARTIFACTS/f$i\"; done",
                "it hands over 101 artifacts: the limit is 100"
            ),
        ])
    func refused(script: String, reason: String) async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let failed = try await start(fixture, repository, "    run: |\n      \(script)\n")
            #expect(failed.status == 1 && failed.err.contains(reason), "\(failed.err)")
            let list = try await fixture.runner("artifact", "list", "1", "--quiet").out
            #expect(!list.contains("x\n"))
        }
    }

    @Test("a declared file of the worktree is not read through a link, and must be there")
    func declared() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            for script in ["ln -s /etc out", "'true'"] {
                let failed = try await start(
                    fixture, repository, "    artifacts: { p: out/passwd }\n    run: \(script)\n")
                #expect(
                    failed.status == 1 && failed.err.contains("the artifact \"p\": \"out/passwd\" is"), "\(failed.err)")
            }
        }
    }
}
