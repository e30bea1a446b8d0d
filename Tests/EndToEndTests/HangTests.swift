import Foundation
import Testing

/// Agents that hang, and agents that say success for something else: each is ended in time and named rightly.
@Suite("agents that hang or lie")
struct HangTests {
    struct Case: Sendable, CustomStringConvertible {
        let name: String
        var agent = "claude"
        /// After the fixture's functions; `$home` is the fixture's root.
        let script: String
        var limits = ""
        /// Of the run's only attempt.
        let status: String
        /// A part of the attempt's error; nil for none at all.
        var error: String?
        var tool: String?

        var description: String { name }
    }

    /// What Claude Code prints, as shell functions.
    private static let functions = """
        #!/bin/sh
        [ "$1" = --version ] && { echo 1.0; exit; }
        cat >/dev/null
        id='"session_id":"5e551011-0000-4000-8000-000000000001"'
        init() { echo '{"type":"system","subtype":"init","model":"m-1","cwd":"/x","tools":[],'"$id}"; }
        say() { echo '{"type":"assistant","message":{"id":"a1","role":"assistant","model":"m-1","content":[{"type":"text","text":"'"$1"'"}]},'"$id}"; }
        call() { echo '{"type":"assistant","message":{"id":"a2","role":"assistant","model":"m-1","content":[{"type":"tool_use","id":"t1","name":"Bash","input":{"command":"true"}}]},'"$id}"; }
        reply() { echo '{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]},'"$id}"; }
        result() { echo '{"type":"result","subtype":"success","is_error":'"$1"',"result":"'"$2"'","num_turns":1,'"$id$3}"; }
        work() { init; call; echo x >made; reply; }

        """

    static let cases = [
        Case(
            name: "never a word", script: "exec sleep 600", limits: "idle-timeout: 3s", status: "timed_out",
            error: "no output at all for 3 s"),
        Case(
            name: "silence in the middle", script: "init; say Thinking; exec sleep 600", limits: "idle-timeout: 3s",
            status: "timed_out", error: "the last was: Thinking"),
        Case(
            name: "an endless turn", script: "init; while :; do say more; sleep 0.2; done", limits: "timeout: 4s",
            status: "timed_out", error: "it ran longer than 4 s"),
        Case(
            name: "an endless turn that no signal ends",
            script: "trap '' INT TERM; init; while :; do say more; sleep 0.2; done",
            limits: "timeout: 3s", status: "timed_out", error: "it ran longer than 3 s"),
        Case(
            name: "a hang after the final event", script: "work; result false done; exec sleep 600", status: "succeeded"
        ),
        Case(
            name: "a deaf hang after the final event",
            script: "trap '' INT TERM; work; result false done; while :; do sleep 1; done", status: "succeeded"),
        Case(
            name: "a child holds the output open", script: "work; result false done; setsid sleep 600 & exit 0",
            status: "succeeded"),
        Case(name: "exit 0 without a word", script: "exit 0", status: "failed", error: "ended without a result"),
        Case(name: "exit 0 in the middle", script: "work; exit 0", status: "failed", error: "ended without a result"),
        Case(
            name: "a cut last line", script: "work; result false done | head -c 60; exit 0", status: "failed",
            error: "ended without a result"),
        Case(
            name: "success with an error flag", script: "work; result true 'API Error: 500 oops'; exit 0",
            status: "failed", error: "oops"),
        Case(
            name: "a good word and a bad exit", script: "work; result false done; exit 3", status: "failed",
            error: "exit status 3, although its result says success"),
        Case(
            name: "a turn after the result", script: "work; result false done; init; say 'And more'; exit 0",
            status: "failed", error: "ended without a result"),
        Case(
            name: "success without any work", script: "init; result false done", status: "succeeded",
            error: "used no tool and changed no file"),
        Case(
            name: "a permission nobody gives",
            script:
                "init; call; echo '{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"is_error\":true,\"content\":\"denied\"}]},'\"$id}\"; result false 'I was not allowed to' ',\"permission_denials\":[{\"tool_name\":\"Bash\",\"tool_use_id\":\"t1\",\"tool_input\":{}}]'",
            status: "succeeded", error: "permitted none of the tools", tool: "denied"),
        Case(
            name: "a question on standard input", script: "init; say 'Go on? [y/n]'; read answer || exit 4",
            status: "failed", error: "exit status 4"),
        Case(
            name: "a question at the terminal", script: "init; say 'Password:'; read answer </dev/tty; exit 0",
            status: "failed", error: "claude: ended without a result"),
        Case(
            name: "a question and a wait", script: "init; say 'May I use the network?'; exec sleep 600",
            limits: "idle-timeout: 3s", status: "timed_out", error: "the last was: May I use the network?"),
        Case(
            name: "a wrong key and exit 0", script: "init; result true 'Invalid API key'; exit 0", status: "failed",
            error: "Invalid API key"),
        Case(
            name: "codex says that it failed, exit 0", agent: "codex",
            script:
                "echo '{\"type\":\"thread.started\",\"thread_id\":\"t\"}'; echo '{\"type\":\"turn.failed\",\"error\":{\"message\":\"unexpected status 401 Unauthorized\"}}'; exit 0",
            status: "failed", error: "authentication failed"),
        Case(
            name: "codex waits for the network for ever", agent: "codex",
            script:
                "echo '{\"type\":\"thread.started\",\"thread_id\":\"t\"}'; while :; do echo '{\"type\":\"error\",\"message\":\"Reconnecting... 1/5 (connection failed)\"}'; sleep 0.3; done",
            limits: "timeout: 4s", status: "timed_out", error: "it ran longer than 4 s"),
        Case(
            name: "aider has a wrong key, exit 0", agent: "aider",
            script:
                "echo 'Aider v0.86.2'; echo 'Model: m with diff edit format'; echo 'litellm.AuthenticationError: AuthenticationError: Incorrect API key provided'; exit 0",
            status: "failed", error: "authentication failed"),
    ]

    @Test("every script is ended within its limit and named rightly")
    func scripts() async throws {
        try await RunnerFixture.with(["RUNNER_LINGER_SECONDS": "2"]) { fixture in
            let repository = try await fixture.makeRepository()
            // Each has its own programs; three at a time, as each keeps processes busy.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, item) in HangTests.cases.enumerated() {
                    if number >= 3 { try await group.next() }
                    group.addTask { try await HangTests.run(item, number, repository, fixture) }
                }
                try await group.waitForAll()
            }
            // The database's processes stay; nothing of a step does.
            try await fixture.eventually("no process of a step is left") {
                fixture.processIDs { $0.contains("sleep 600") || $0.contains("runner-shim") }.isEmpty
            }
        }
    }

    private static func run(
        _ item: Case, _ number: Int, _ repository: String, _ fixture: RunnerFixture
    ) async throws {
        let place = "\(fixture.root)/case\(number)"
        try fixture.write(functions + item.script + "\n", to: "\(place)/bin/\(item.agent)", mode: 0o755)
        try fixture.write(
            """
            name: one
            steps:
              - id: work
                agent: \(item.agent)
                prompt: '{{ task.prompt }}'
                \(item.limits)

            """, to: "\(place)/one.yaml")
        let begin = ContinuousClock.now
        let path = "\(place)/bin:" + (fixture.variables["PATH"] ?? "")
        let started = try await fixture.runner(
            "start", repository, "do it", "--workflow", "\(place)/one.yaml", extra: ["PATH": path])
        let taken = ContinuousClock.now - begin
        #expect(started.status == (item.status == "succeeded" ? 0 : 1), "\(item): \(started.err)")
        #expect(taken < .seconds(90), "\(item): \(taken)")
        let task = started.out.trimmingCharacters(in: .whitespacesAndNewlines)
        let steps = try await fixture.runner("steps", task, "--json").json([StepJSON].self)
        let attempts = try #require(steps.first?.attempts, "\(item)")
        #expect(attempts.count == 1, "\(item): \(attempts)")
        #expect(attempts.first?.status == item.status, "\(item): \(attempts)")
        if let error = item.error {
            #expect(attempts.first?.error?.contains(error) == true, "\(item): \(attempts.first?.error ?? "no error")")
        } else {
            #expect(attempts.first?.error == nil, "\(item): \(attempts.first?.error ?? "")")
        }
        if let tool = item.tool {
            let tools = try await fixture.runner("tools", task, "--json")
            #expect(tools.out.contains("\"status\" : \"\(tool)\""), "\(item): \(tools.out)")
        }
    }
}
