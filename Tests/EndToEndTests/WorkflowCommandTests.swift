import Foundation
import Testing

@Suite("workflows: versions, sources, plan")
struct WorkflowCommandTests {
    private struct Version: Decodable {
        let version: Int
        let origin: String
        let author: String
        let runs: Int
        let checksum: String
    }
    private struct History: Decodable { let versions: [Version] }
    private struct Entry: Decodable {
        let name: String
        let origin: String
        let status: String
        let isAllowed: Bool?
        let isHidden: Bool
        let sha256: String?
    }

    private static func text(_ name: String, _ script: String, more: String = "") -> String {
        "name: \(name)\nsteps:\n  - id: one\n    run: \(script)\n\(more)"
    }

    @Test("published versions are counted, found by name and number, and frozen by runs")
    func versions() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let file = fixture.root + "/fix.yaml"
            let publish = { (more: [String]) in
                try await fixture.run(RunnerFixture.build + "/runner", ["workflow", "publish", file] + more)
            }
            try fixture.write(Self.text("fix", "echo one"), to: file)
            let first = try await publish(["--tag", "team"])
            #expect(first.status == 0 && first.out == "1\n", "\(first.err)")
            #expect(try await publish([]).out == "1\n")
            try fixture.write(Self.text("fix", "echo two", more: "  - id: two\n    run: 'true'\n"), to: file)
            #expect(try await publish([]).out == "2\n")
            #expect(try await fixture.runner("start", repository, "t", "-w", "fix").status == 0)
            #expect(try await fixture.runner("log", "1").out.contains("two"))
            #expect(try await fixture.runner("start", repository, "t", "-w", "fix@1").status == 0)
            #expect(try await fixture.runner("log", "2").out.contains("one"))
            let missing = try await fixture.runner("start", repository, "t", "-w", "fix@9")
            #expect(missing.status == 3 && missing.err.contains("no version 9"), "\(missing.err)")
            let history = try await fixture.runner("workflow", "history", "fix", "--json").json(History.self)
            #expect(history.versions.map(\.version) == [2, 1] && history.versions.map(\.runs) == [1, 1])
            #expect(history.versions.allSatisfy { $0.author == "tester" && $0.checksum.count == 64 })
            let list = try await fixture.runner("workflow", "list", "--tag", "team", "--quiet")
            #expect(list.out == "fix\n")
            let diff = try await fixture.runner("workflow", "diff", "fix@1", "fix@2")
            #expect(diff.out.hasPrefix("--- fix@1\n+++ fix@2\n@@ "), "\(diff.out)")
            #expect(diff.out.contains("-    run: echo one\n+    run: echo two\n"), "\(diff.out)")
            #expect(diff.err.contains("step added: two") && diff.err.contains("step changed: one (run)"))
            let shown = try await fixture.runner("workflow", "show", "fix@1")
            #expect(shown.out == Self.text("fix", "echo one"))
            try fixture.write(Self.text("no@1", "echo one"), to: file)
            let refused = try await publish([])
            #expect(refused.status == 2 && refused.err.contains("cannot be published"), "\(refused.err)")
        }
    }

    @Test("paused, archived and draft workflows are not started, and one sentence says what to do")
    func status() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let start = { (name: String) in try await fixture.runner("start", repository, "true", "--workflow", name) }
            #expect(try await fixture.runner("workflow", "pause", "script").status == 0)
            for word in ["paused", "archived"] {
                let refused = try await start("script")
                #expect(
                    refused.status == 3 && refused.err.contains("is \(word) and cannot be started"), "\(refused.err)")
                #expect(refused.err.contains("runner workflow activate script"))
                try await fixture.runner("workflow", "archive", "script")
            }
            #expect(try await fixture.runner("workflow", "plan", "script").status == 1)
            #expect(try await fixture.runner("workflow", "activate", "script").status == 0)
            #expect(try await start("script").status == 0)
            #expect(try await fixture.runner("workflow", "pause", "nothing").status == 3)
            let file = fixture.root + "/d.yaml"
            try fixture.write(Self.text("d", "'true'"), to: file)
            #expect(try await fixture.runner("workflow", "publish", file, "--draft").status == 0)
            let draft = try await start("d")
            #expect(draft.status == 3 && draft.err.contains("d@1"), "\(draft.err)")
            #expect(try await start("d@1").status == 0)
            #expect(try await fixture.runner("workflow", "publish", file).out == "1\n")
            #expect(try await start("d").status == 0)
            #expect(try await fixture.runner("workflow", "publish", file, "--draft").status == 3)
            try await fixture.runner("workflow", "archive", "d")
            #expect(try await fixture.runner("workflow", "publish", file).status == 3)
        }
    }

    @Test("a repository's workflows are found at the base, run only after consent to the very text, and hide no other")
    func repository() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: [
                ".runner/workflows/own.yaml": Self.text("own", "echo brought"),
                ".runner/workflows/script.yml": Self.text("script", "echo evil"),
                ".runner/workflows/broken.yaml": "name: 3\nsteps: 4\n", ".runner/workflows/notes.txt": "x",
            ])
            let start = { (name: String) in try await fixture.runner("start", repository, "echo mine", "-w", name) }
            let refused = try await start("own")
            #expect(refused.status == 3 && refused.err.contains("nobody has allowed"), "\(refused.err)")
            let entries = try await fixture.runner("workflow", "list", "--repo", "project", "--json").json([Entry].self)
            let own = try #require(entries.first { $0.name == "own" })
            #expect(own.origin == "repository" && own.isAllowed == false)
            #expect(entries.filter { $0.origin == "repository" }.map(\.name) == ["broken", "own", "script"])
            #expect(entries.first { $0.name == "script" && $0.origin == "bundled" }?.isHidden == true)
            let hash = try #require(own.sha256)
            #expect(refused.err.contains("runner repo allow project \(hash)"))
            // The bundled one is not taken instead without being asked for.
            let shadowed = try await start("script")
            #expect(shadowed.status == 3 && shadowed.err.contains("bundled:script"), "\(shadowed.err)")
            #expect(try await start("bundled:script").status == 0)
            #expect(try await fixture.runner("log", "1").out.contains("mine"))
            try await fixture.runner("repo", "allow", "project", hash)
            #expect(try await start("own").status == 0)
            #expect(try await fixture.runner("log", "2").out.contains("brought"))
            try fixture.write(Self.text("own", "echo changed"), to: repository + "/.runner/workflows/own.yaml")
            try await fixture.git("commit", "-qam", "changed", in: repository)
            #expect(try await start("own").status == 3)
            #expect(try await fixture.runner("start", repository, "t", "-w", "own", "--base", "HEAD").status != 0)
            // What the user has goes first.
            try fixture.write(
                Self.text("own", "echo users"), to: fixture.root + "/home/.config/runner/workflows/own.yaml")
            #expect(try await start("own").status == 0)
            #expect(try await fixture.runner("log", "3").out.contains("users"))
            #expect(try await start("repository:own").status == 3)
        }
    }

    @Test("validate says what is wrong in an agent's settings, where they stand; a command line may come later")
    func settings() async throws {
        try await RunnerFixture.with { fixture in
            let file = fixture.root + "/s.yaml"
            try fixture.write(
                """
                name: s
                steps:
                  - id: a
                    agent: claude
                    prompt: p
                    with:
                      max-turns: many
                  - id: b
                    agent: codex
                    prompt: p
                    with: { modell: x }
                    fallback: { agent: vibe, with: { turns: 4 } }
                """, to: file)
            let wrong = try await fixture.runner("workflow", "validate", file)
            #expect(wrong.status == 1)
            for text in [
                "s.yaml:7:7: steps[0].with.max-turns: ", "s.yaml:11:13: steps[1].with.modell: unknown key; known are ",
                "s.yaml:12:38: steps[1].fallback.with.turns: unknown key; known are ",
            ] { #expect(wrong.err.contains(text), "\(wrong.err)") }
            try fixture.write(
                """
                name: s
                steps:
                  - { id: a, agent: claude, prompt: p, with: { max-turns: 3 } }
                  - { id: b, agent: command, prompt: p, with: { prompt: argument } }
                  - { id: c, agent: default, prompt: p, with: { whatever: 1 } }
                """, to: file)
            let right = try await fixture.runner("workflow", "validate", file)
            #expect(right.status == 0, "\(right.err)")
        }
    }

    @Test(
        "a time limit of the whole run ends its step and begins no other; a retry has it anew; that of a step ends it")
    func timeout() async throws {
        try await RunnerFixture.with { fixture in
            let (repository, file) = (try await fixture.makeRepository(), fixture.root + "/t.yaml")
            let limited = """
                name: t
                timeout: 2s
                steps:
                  - { id: a, run: "echo a > a" }
                  - { id: b, max-attempts: 3, run: "test -e go || sleep 600" }
                  - { id: c, if: always(), run: "echo c > c" }
                """
            try fixture.write(limited, to: file)
            #expect(try await fixture.runner("workflow", "validate", file).status == 0)
            let stopped = try await fixture.runner("start", repository, "y", "--workflow", file)
            let sentence = "the run has worked for 2 s, the time limit of its workflow"
            #expect(stopped.status == 1 && stopped.err.contains("step \"b\" timed out: \(sentence)"), "\(stopped.err)")
            // That of b, that of c which did not begin, and that of the run.
            #expect(stopped.err.components(separatedBy: sentence).count == 4, "\(stopped.err)")
            let path = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(!FileManager.default.fileExists(atPath: path + "/c"))
            try fixture.write("", to: path + "/go")
            #expect(try await fixture.runner("retry", "1").status == 0)
            #expect(FileManager.default.fileExists(atPath: path + "/c"))
            try fixture.write("name: t\nsteps:\n  - { id: a, timeout: 1s, run: sleep 600 }\n", to: file)
            let ended = try await fixture.runner("start", repository, "x", "--workflow", file)
            #expect(ended.status == 1 && ended.err.contains("it ran longer than 1 s"), "\(ended.err)")
        }
    }

    @Test("validate finds a call of a workflow that is not there, where it stands")
    func calls() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(
                files: [".runner/workflows/brought.yaml": Self.text("brought", "'true'")])
            #expect(try await fixture.runner("repo", "add", repository).status == 0)
            let published = fixture.root + "/p.yaml"
            try fixture.write(Self.text("published", "'true'"), to: published)
            #expect(try await fixture.runner("workflow", "publish", published).status == 0)
            let file = fixture.root + "/calls/w.yaml"
            try fixture.write(Self.text("beside", "'true'"), to: fixture.root + "/calls/beside.yml")
            let validate = { (name: String, more: [String]) in
                try fixture.write(
                    "name: w\nsteps:\n  - id: one\n    workflow: \(name)\n  - id: two\n    run: 'true'\n", to: file)
                return try await fixture.run(
                    RunnerFixture.build + "/runner", ["workflow", "validate", file] + more)
            }
            for name in ["demo", "beside", "published", "published@1"] {
                let right = try await validate(name, [])
                #expect(right.status == 0, "\(name): \(right.err)")
            }
            let near = try await validate("publishd", [])
            #expect(
                near.status == 1
                    && near.err.contains(
                        "w.yaml:4:15: steps[0].workflow: there is no workflow \"publishd\", did you mean \"published\"?"
                    ), "\(near.err)")
            let version = try await validate("published@2", ["--json"])
            #expect(version.status == 1 && version.out.contains("no version 2"), "\(version.out)")
            let elsewhere = try await validate("brought", [])
            #expect(elsewhere.status == 1 && elsewhere.err.contains("found with --repo"), "\(elsewhere.err)")
            let there = try await validate("brought", ["--repo", "project"])
            #expect(there.status == 0, "\(there.err)")
        }
    }

    @Test("a plan shows order, agents and prompts and makes nothing")
    func plan() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("repo", "add", repository)
            let file = fixture.root + "/p.yaml"
            try fixture.write(
                """
                name: p
                inputs: { area: { required: true } }
                steps:
                  - id: last
                    needs: first
                    run: echo
                  - id: first
                    agent: default
                    prompt: "{{ task.prompt }} in {{ inputs.area }} of {{ repository.name }} at {{ base.branch }}, {{ run.number }}"
                """, to: file)
            let missing = try await fixture.runner("workflow", "plan", file)
            #expect(missing.status == 2 && missing.err.contains("needs the input \"area\""), "\(missing.err)")
            let plan = try await fixture.runner(
                "workflow", "plan", file, "-i", "area=src", "--repo", "project", "--task", "fix", "--command", "cat")
            #expect(plan.status == 0, "\(plan.err)")
            #expect(plan.out.contains("fix in src of project at main, {{ run.number }}"), "\(plan.out)")
            let keys = try await fixture.runner(
                "workflow", "plan", file, "-i", "area=src", "--command", "cat", "--quiet")
            #expect(keys.out == "first\nlast\n", "\(keys.err)")
            #expect(try await fixture.runner("list", "--quiet").out == "")
            #expect(try await fixture.runner("workflow", "history", "p").status == 3)
        }
    }
}
