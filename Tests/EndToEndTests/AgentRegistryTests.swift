import Foundation
import Glibc
import Testing

/// `runner agent add | set | remove | doctor | test`.
@Suite("the registry of agents")
struct AgentRegistryTests {
    private struct Examined: Decodable {
        let name: String
        let type: String
        let verdict: String
        let version: String?
        let path: String?
        let credentials: [String]
        let problems: [String]
    }

    private struct Tried: Decodable {
        struct Point: Decodable {
            let name: String
            let verdict: String
            let detail: String
        }

        let passed: Bool
        let points: [Point]

        func verdict(_ name: String) -> String? { points.first { $0.name == name }?.verdict }
    }

    private static let folder = "/home/.config/runner/agents"

    @Test("an agent is added, changed, used and removed, and its file comes back")
    func life() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(
                "#!/bin/sh\ncat >/dev/null\necho \"arguments $*\"\n", to: fixture.root + "/bin/tiny-agent", mode: 0o755)
            let path = fixture.root + Self.folder + "/tiny.yaml"
            let added = try await fixture.runner(
                "agent", "add", "tiny", "--command", "tiny-agent --batch", "--model-flag", "--model", "--set",
                "output.error=^error: (.*)")
            #expect(added.status == 0 && added.out == path + "\n", "\(added)")
            let again = try await fixture.runner("agent", "add", "tiny", "--command", "other")
            #expect(again.status == 3 && again.err.contains("--force"), "\(again)")
            let wrong = try await fixture.runner("agent", "add", "tiny", "--force", "--command", "x", "--type", "boss")
            #expect(wrong.status == 3 && wrong.err.contains("type"), "\(wrong)")
            #expect(try String(contentsOfFile: path, encoding: .utf8).contains("[tiny-agent, '--batch']"))
            let set = try await fixture.runner("agent", "set", "tiny", "defaults.model=small-1", "type=qa")
            #expect(set.status == 0, "\(set)")
            let unknown = try await fixture.runner("agent", "set", "tiny", "colour=red")
            #expect(unknown.status == 3 && unknown.err.contains("colour"), "\(unknown)")
            for (model, expected) in [(nil, "small-1"), ("big-1", "big-1")] as [(String?, String)] {
                let arguments =
                    ["start", repository, "greet", "--agent", "tiny", "--quiet"]
                    + (model.map { ["--model", $0] } ?? [])
                let started = try await fixture.run(RunnerFixture.build + "/runner", arguments)
                #expect(started.status == 0, "\(started)")
                let number = started.out.trimmingCharacters(in: .newlines)
                let log = try await fixture.runner("log", number).out
                #expect(log.contains("arguments --batch --model \(expected)"), "\(log)")
            }
            let removed = try await fixture.runner("agent", "remove", "tiny")
            #expect(removed.status == 0, "\(removed)")
            let gone = try await fixture.runner("start", repository, "greet", "--agent", "tiny")
            #expect(gone.status == 3, "\(gone)")
            // A task that it did stays completed when it is to go on without its agent.
            let retried = try await fixture.runner("retry", "1", "--from", "implement")
            #expect(retried.status == 3 && retried.err.contains("there is no agent \"tiny\""), "\(retried)")
            let detached = try await fixture.runner("retry", "1", "--from", "implement", "--detach")
            #expect(detached.status == 3, "\(detached)")
            #expect(try await fixture.runner("show", "1").out.contains("state       completed"))
            let place = removed.out.trimmingCharacters(in: .newlines)
            let back = try await fixture.runner("agent", "add", "tiny", "--from", place)
            #expect(back.status == 0, "\(back)")
            let own = try await fixture.runner("agent", "remove", "claude")
            #expect(own.status == 3 && own.err.contains("own"), "\(own)")
            let taken = try await fixture.runner("agent", "add", "claude", "--command", "x")
            #expect(taken.status == 3, "\(taken)")
        }
    }

    @Test(
        "the list says of an agent of one's own that its program is not there; a file that ends in .yml is told as that"
    )
    func missingProgram() async throws {
        try await RunnerFixture.with { fixture in
            let folder = fixture.root + Self.folder
            try fixture.write("command: [no-such-agent, x]\n", to: folder + "/gone.yaml")
            try fixture.write("command: [cat]\n", to: folder + "/there.yaml")
            try fixture.write("command: [cat]\n", to: folder + "/short.yml")
            let listed = try await fixture.runner("agent", "list").out
            #expect(listed.contains("– gone  there is no \"no-such-agent\" on PATH"), "\(listed)")
            #expect(listed.contains("✓ there  described by a file"), "\(listed)")
            let repository = try await fixture.makeRepository()
            let short = try await fixture.runner("start", repository, "x", "--agent", "short")
            #expect(short.status == 3 && short.err.contains("rename \(folder)/short.yml"), "\(short.err)")
            let none = try await fixture.runner("start", repository, "x", "--agent", "none")
            #expect(none.status == 3 && none.err.contains("use one of"), "\(none.err)")
        }
    }

    @Test("defaults of an agent that is known stand below the step and the command line")
    func defaults() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let set = try await fixture.runner(
                "agent", "set", "command", "command=echo by default", "type=review")
            #expect(set.status == 0, "\(set)")
            let shown = try await fixture.runner("agent", "show", "command").out
            #expect(shown.contains("review") && shown.contains("command=echo by default"), "\(shown)")
            let first = try await fixture.runner("start", repository, "greet", "--agent", "command")
            #expect(first.status == 0, "\(first)")
            #expect(try await fixture.runner("log", "1").out.contains("by default"))
            let second = try await fixture.runner("start", repository, "greet", "--command", "echo by hand")
            #expect(second.status == 0, "\(second)")
            #expect(try await fixture.runner("log", "2").out.contains("by hand"))
            let wrong = try await fixture.runner("agent", "set", "claude", "max-turns=none")
            #expect(wrong.status == 3 && wrong.err.contains("max-turns"), "\(wrong)")
            let empty = try await fixture.runner("agent", "set", "command", "command=", "type=")
            #expect(empty.status == 0, "\(empty)")
            #expect(!FileManager.default.fileExists(atPath: fixture.root + Self.folder + "/command.yaml"))
        }
    }

    @Test("the doctor names what is there and what is wrong, and no key")
    func doctor() async throws {
        try await RunnerFixture.with { fixture in
            try fixture.write(
                "#!/bin/sh\necho '2.1.400 (Claude Code)'\n", to: fixture.root + "/bin/claude", mode: 0o755)
            try fixture.write("#!/bin/sh\nexit 7\n", to: fixture.root + "/bin/codex", mode: 0o755)
            try fixture.write("colour: red\n", to: fixture.root + Self.folder + "/odd.yaml")
            let bare = try await fixture.runner("agent", "doctor", "claude")
            #expect(bare.status == 4 && bare.out.contains("ANTHROPIC_API_KEY"), "\(bare)")
            let extra = ["ANTHROPIC_API_KEY": "sk-secret-value-1", "PATH": fixture.root + "/bin:/usr/bin:/bin"]
            let well = try await fixture.runner("agent", "doctor", "claude", extra: extra)
            #expect(well.status == 0, "\(well)")
            #expect(well.out.contains("2.1.400") && well.out.contains("proven with 2.1.329"), "\(well.out)")
            let all = try await fixture.runner("agent", "doctor", "--json", extra: extra)
            #expect(all.status == 1, "\(all)")
            #expect(!(all.out + all.err + well.out).contains("secret"))
            let found = try all.json([Examined].self)
            let one = { (name: String) throws -> Examined in try #require(found.first { $0.name == name }) }
            #expect(try one("claude").credentials == ["ANTHROPIC_API_KEY"])
            #expect(try one("codex").verdict == "failed")
            #expect(try one("codex").problems.contains { $0.contains("exit status 7") })
            #expect(try one("gemini").verdict == "missing")
            #expect(try one("odd").problems.contains { $0.contains("colour") && $0.contains("odd.yaml") })
            #expect(try await fixture.runner("agent", "doctor", "nobody").status == 3)
            #expect(try await fixture.runner("agent", "doctor", "gemini", extra: extra).status == 4)
        }
    }

    /// An agent as in docs/agents.md that writes what the prompt says between its blank lines.
    private func install(_ fixture: RunnerFixture, _ act: String) async throws {
        try fixture.write(
            """
            #!/bin/sh
            prompt=$(cat)
            line=$(printf '%s\\n' "$prompt" | sed -n 3p)
            echo 'session 7f3a'
            \(act)
            echo 'tokens: 120 in, 30 out'

            """, to: fixture.root + "/bin/tiny-agent", mode: 0o755)
        let added = try await fixture.runner(
            "agent", "add", "tiny", "--force", "--command", "tiny-agent", "--set", "output.session=^session (.*)",
            "--set", "output.input-tokens=tokens: (\\d+) in", "--set", "output.output-tokens=(\\d+) out")
        #expect(added.status == 0, "\(added)")
    }

    @Test("a trial says what worked, and leaves nothing behind")
    func trial() async throws {
        try await RunnerFixture.with { fixture in
            let temporary = fixture.root + "/tmp"
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
            chmod(temporary, 0o711)
            // What a killed one left is taken away by the next.
            try fixture.write("x", to: temporary + "/runner-agent-test.999999999.AAAAAA/file")
            let extra = ["TMPDIR": temporary]
            try await install(fixture, "printf '%s\\n' \"$line\" > runner-agent-test.txt")
            let good = try await fixture.runner("agent", "test", "tiny", "--json", extra: extra)
            #expect(good.status == 0, "\(good)")
            let report = try good.json(Tried.self)
            #expect(report.passed, "\(good.out)")
            for name in ["program", "started", "session", "file", "tokens", "end"] {
                #expect(report.verdict(name) == "passed", "\(good.out)")
            }
            #expect(report.verdict("tools") == "missing" && report.verdict("cost") == "missing", "\(good.out)")

            try await install(fixture, "echo something else > runner-agent-test.txt")
            let lying = try await fixture.runner("agent", "test", "tiny", "--json", extra: extra)
            #expect(lying.status == 1, "\(lying)")
            #expect(try lying.json(Tried.self).verdict("file") == "failed")
            #expect(try lying.json(Tried.self).verdict("end") == "passed")

            try await install(fixture, "sleep 600")
            let hanging = try await fixture.runner("agent", "test", "tiny", "--timeout", "2", extra: extra)
            #expect(hanging.status == 1 && hanging.out.contains("ran longer than 2 s"), "\(hanging)")

            #expect(try await fixture.runner("agent", "test", "gemini", extra: extra).status == 4)
            #expect(try await fixture.runner("agent", "test", "nobody", extra: extra).status == 3)
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
            #expect(!FileManager.default.fileExists(atPath: fixture.home + "/hubs"))
            try await fixture.eventually("no process is left") { fixture.processes().isEmpty }
        }
    }
}
