import Foundation
import Testing

/// Agents that a person describes, run as a person runs them.
@Suite("agents of one's own at work")
struct OwnAgentTests {
    private static let folder = "/home/.config/runner/agents"

    private func describe(_ fixture: RunnerFixture, _ script: String, _ yaml: String = "") async throws -> String {
        try fixture.write("#!/bin/sh\ncat >/dev/null\n\(script)\n", to: fixture.root + "/bin/tiny", mode: 0o755)
        try fixture.write("command: [tiny]\n\(yaml)\n", to: fixture.root + Self.folder + "/tiny.yaml")
        try fixture.write(
            "name: one\nsteps:\n  - { id: work, agent: default, prompt: x, max-attempts: 1 }\n",
            to: fixture.root + "/one.yaml")
        return try await fixture.makeRepository()
    }

    private func start(
        _ fixture: RunnerFixture, _ repository: String, _ more: [String] = ["--agent", "tiny"],
        extra: [String: String] = [:]
    ) async throws -> RunnerFixture.Output {
        try await fixture.run(
            RunnerFixture.build + "/runner",
            ["start", repository, "x", "--workflow", fixture.root + "/one.yaml"] + more, extra: extra)
    }

    private func tracked(_ fixture: RunnerFixture, _ repository: String, _ task: Int) async throws -> [String] {
        let branch = try await fixture.runner("show", "\(task)", "--json").json(ShowJSON.self).branch ?? ""
        let names = try await fixture.git("ls-tree", "-r", "--name-only", branch, in: repository)
        return names.split(separator: "\n").map(String.init)
    }

    @Test("what an agent leaves for itself stays in the worktree and is in no commit; the control says nothing of it")
    func worktreeFiles() async throws {
        try await RunnerFixture.with { fixture in
            let leave = "mkdir -p .tiny; echo h > .tiny/history; echo l > tiny.log; echo w > work"
            let repository = try await describe(fixture, leave)
            #expect(try await start(fixture, repository).status == 0)
            #expect(try await tracked(fixture, repository, 1) == [".tiny/history", "README.md", "tiny.log", "work"])
            let set = try await fixture.runner("agent", "set", "tiny", "worktree-files=[.tiny/, tiny.log]")
            #expect(set.status == 0, "\(set)")
            #expect(try await start(fixture, repository).status == 0)
            #expect(try await tracked(fixture, repository, 2) == ["README.md", "work"])
            let path = try await fixture.runner("path", "2").out.trimmingCharacters(in: .newlines)
            #expect(FileManager.default.fileExists(atPath: path + "/.tiny/history"))
            #expect(try await fixture.git("status", "--porcelain", in: path).isEmpty)
            // What the person says to Git weighs more than the agent's file.
            try fixture.write("!tiny.log\n", to: repository + "/.git/info/exclude")
            #expect(try await start(fixture, repository).status == 0)
            #expect(try await tracked(fixture, repository, 3) == ["README.md", "tiny.log", "work"])
        }
    }

    @Test("an agent that fails for want of a key is said to have been given none of the caller's; then it is")
    func keys() async throws {
        try await RunnerFixture.with { fixture in
            let need = "[ -n \"$TINY_API_KEY\" ] || { echo 'error: no API key found' >&2; exit 1; }; echo w > work"
            let repository = try await describe(fixture, need)
            let extra = ["TINY_API_KEY": "k-1", "OTHER": "x"]
            let started = try await start(fixture, repository, extra: extra)
            #expect(started.status == 1 && started.err.contains("it was not given TINY_API_KEY: "), "\(started.err)")
            #expect(!started.err.contains("k-1") && !started.err.contains("OTHER"))
            // The controls: a caller without any, and an agent that fails for another reason.
            #expect(!(try await start(fixture, repository).err.contains("not given")))
            let set = try await fixture.runner("agent", "set", "tiny", "pass-environment=[TINY_*]")
            #expect(set.status == 0, "\(set)")
            #expect(try await start(fixture, repository, extra: extra).status == 0)
            let command = ["--command", "sh -c 'echo key=$TINY_API_KEY; exit 4'"]
            let other = try await start(fixture, repository, command, extra: extra)
            #expect(other.status == 1 && !other.err.contains("not given"), "\(other.err)")
            #expect(try await fixture.runner("log", "4").out.contains("key=\n"))
            let given = try await fixture.runner("agent", "set", "command", "defaults.pass-environment=[TINY_API_KEY]")
            #expect(given.status == 0, "\(given)")
            _ = try await start(fixture, repository, command, extra: extra)
            #expect(try await fixture.runner("log", "5").out.contains("key=k-1\n"))
        }
    }

    @Test("of a crash the last line is told, not the frames before it")
    func crash() async throws {
        try await RunnerFixture.with { fixture in
            let trace = """
                cat >&2 <<END
                Traceback (most recent call last):
                \(String(repeating: "  File \"/a/long/way/to/it.py\", line 1, in main\n    sys.exit(main())\n", count: 20))\
                ModuleNotFoundError: No module named 'tiny'
                END
                exit 1
                """
            let repository = try await describe(fixture, trace)
            let started = try await start(fixture, repository)
            #expect(
                started.err.contains("tiny: exit status 1: ModuleNotFoundError: No module named 'tiny'"),
                "\(started.err)")
        }
    }
}
