import Foundation
import Testing

/// A real process that speaks the Agent Client Protocol, through `runner start`.
@Suite("an agent that speaks ACP")
struct ACPTests {
    /// Does what the first word of its prompt says.
    private static let agent = #"""
        #!/usr/bin/python3
        import json, os, sys, time
        session = "s-" + str(os.getpid())
        number = 100
        def say(message): sys.stdout.write(json.dumps(message) + "\n"); sys.stdout.flush()
        def update(**body): say({"jsonrpc": "2.0", "method": "session/update", "params": {"sessionId": session, "update": body}})
        def reply(id, result): say({"jsonrpc": "2.0", "id": id, "result": result})
        def listen():
            line = sys.stdin.readline()
            if not line: sys.exit(0)
            return json.loads(line)
        def ask(method, **params):
            global number
            number += 1
            params["sessionId"] = session
            say({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
            while True:
                answer = listen()
                if answer.get("id") == number: return answer
        def speak(text): update(sessionUpdate="agent_message_chunk", content={"type": "text", "text": text})
        def turn(text):
            word = text.split()[0]
            speak("I was told: " + text[:40])
            here = os.getcwd()
            if word == "work":
                update(sessionUpdate="tool_call", toolCallId="c1", title="Write", kind="edit", status="pending", rawInput={"path": "made/a.txt"})
                options = [{"optionId": "y", "name": "Yes", "kind": "allow_once"}, {"optionId": "n", "name": "No", "kind": "reject_once"}]
                answer = ask("session/request_permission", toolCall={"toolCallId": "c1", "title": "Write made/a.txt"}, options=options)
                if answer["result"]["outcome"].get("optionId") != "y":
                    update(sessionUpdate="tool_call_update", toolCallId="c1", status="failed")
                    speak(" I may not.")
                    return "end_turn"
                ask("fs/write_text_file", path=here + "/made/a.txt", content="one\ntwo\n" + "x" * 300000 + "\n")
                part = ask("fs/read_text_file", path=here + "/made/a.txt", line=2, limit=1)["result"]["content"]
                speak(" line two is " + part)
                os.symlink("/etc", here + "/link")
                for path in [here + "/../outside", "/etc/hostname", here + "/link/hostname", here + "/.git/config", here + "/made", here + "/gone"]:
                    answer = ask("fs/read_text_file", path=path)
                    speak(" read refused" if "error" in answer else " READ " + path)
                    answer = ask("fs/write_text_file", path=path if path != here + "/gone" else "/tmp/gone-" + session, content="x")
                    speak(" write refused" if "error" in answer else " WROTE " + path)
                os.unlink(here + "/link")
                speak(" terminal refused" if "error" in ask("terminal/create", command="true") else " TERMINAL")
                update(sessionUpdate="tool_call_update", toolCallId="c1", status="completed", content=[{"type": "content", "content": {"type": "text", "text": "ok"}}])
            if word == "garbage":
                sys.stdout.write("no json\n{\"half\n\x00\xff\n[1,\n"); sys.stdout.flush(); sys.exit(0)
            if word == "hang" or word == "deaf":
                open(here + "/begun", "w").close()
                if word == "deaf":
                    while True: time.sleep(1)
                while True:
                    message = listen()
                    if message.get("method") == "session/cancel": return "cancelled"
            if word in ("max_tokens", "refusal"): return word
            return "end_turn"
        while True:
            message = listen()
            method, id, params = message.get("method"), message.get("id"), message.get("params", {})
            if method == "initialize": reply(id, {"protocolVersion": 1, "agentCapabilities": {"loadSession": True}})
            elif method == "session/new": reply(id, {"sessionId": session})
            elif method == "session/load":
                session = params["sessionId"]; speak("old words"); reply(id, None)
            elif method == "session/prompt":
                text = params["prompt"][0]["text"]
                if text.startswith("error"):
                    say({"jsonrpc": "2.0", "id": id, "error": {"code": -32603, "message": "Internal error", "data": {"details": "the model is on fire"}}})
                else: reply(id, {"stopReason": turn(text), "usage": {"inputTokens": 7, "outputTokens": 3}})

        """#

    private static let path = "/home/.config/runner/agents/talker.yaml"

    private func install(_ fixture: RunnerFixture, permission: String) async throws -> String {
        try fixture.write(Self.agent, to: fixture.root + "/bin/talker", mode: 0o755)
        try fixture.write(
            "command: [talker]\nprotocol: acp\ndefaults: {permission: \(permission)}\n", to: fixture.root + Self.path)
        try fixture.write(
            "name: plain\nsteps:\n  - id: work\n    agent: talker\n    prompt: '{{ task.prompt }}'\n",
            to: fixture.root + "/home/.config/runner/workflows/plain.yaml")
        return try await fixture.makeRepository()
    }

    private func attempt(_ fixture: RunnerFixture, _ task: Int) async throws -> AttemptJSON {
        let steps = try await fixture.runner("steps", String(task), "--json").json([StepJSON].self)
        return try #require(steps.last?.attempts.last)
    }

    @Test("it edits by way of the runner, beneath its worktree only, and its session is gone on with")
    func work() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await install(fixture, permission: "allow")
            let started = try await fixture.runner("start", repository, "work now", "--workflow", "plain")
            #expect(started.status == 0, "\(started)")
            let attempt = try await attempt(fixture, 1)
            #expect(attempt.agentSessionId?.hasPrefix("s-") == true)
            #expect(attempt.usage?.input == 7 && attempt.usage?.output == 3)
            let log = try await fixture.runner("log", "1").out
            #expect(log.contains("line two is two"), "\(log.prefix(4000))")
            #expect(log.components(separatedBy: "read refused").count == 7, "\(log.prefix(4000))")
            #expect(log.components(separatedBy: "write refused").count == 7, "\(log.prefix(4000))")
            #expect(!log.contains(" READ ") && !log.contains(" WROTE ") && log.contains("terminal refused"))
            let diff = try await fixture.runner("diff", "1").out
            #expect(diff.contains("made/a.txt") && diff.contains("+two"), "\(diff.prefix(1000))")
            let tools = try await fixture.runner("tools", "1").out
            #expect(tools.contains("edit") && tools.contains("succeeded"), "\(tools)")
            let told = try await fixture.runner("tell", "1", "and this")
            #expect(told.status == 0, "\(told)")
            let next = try await self.attempt(fixture, 1)
            #expect(next.agentSessionId == attempt.agentSessionId)
            let again = try await fixture.runner("log", "1").out
            #expect(again.contains("and this") && !again.contains("old words"), "\(again.prefix(2000))")
            try await fixture.eventually("no agent is left") {
                fixture.processes().allSatisfy { !$0.contains("talker") }
            }
        }
    }

    @Test("permission is denied where nobody can answer, and the agent goes on")
    func denied() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await install(fixture, permission: "deny")
            let started = try await fixture.runner("start", repository, "work now", "--workflow", "plain")
            #expect(started.status == 0, "\(started)")
            let tools = try await fixture.runner("tools", "1").out
            #expect(tools.contains("denied"), "\(tools)")
            let log = try await fixture.runner("log", "1").out
            #expect(log.contains("permission was asked for and denied: Write made/a.txt"), "\(log)")
            #expect(log.contains("I may not."))
            // It says that it is done; a person must see that it could do nothing.
            #expect(started.err.contains("permitted none of the tools"), "\(started.err)")
        }
    }

    private struct Waiting: Decodable {
        let task: Int
        let step: String
        let kind: String
        let message: String
    }

    @Test("a person's answer goes to the agent that waits", arguments: ["approve", "reject", "nobody"])
    func ask(_ answer: String) async throws {
        try await RunnerFixture.with { fixture in
            let seconds = answer == "nobody" ? 2 : 300
            let repository = try await install(fixture, permission: "ask, ask-timeout: \(seconds)")
            async let started = fixture.runner("start", repository, "work now", "--workflow", "plain")
            if answer != "nobody" {
                var waiting: [Waiting] = []
                try await fixture.eventually("the question is shown") {
                    waiting = try await fixture.runner("approvals", "--json").json([Waiting].self)
                    return !waiting.isEmpty
                }
                #expect(waiting.first?.kind == "permission" && waiting.first?.task == 1)
                #expect(waiting.first?.message.contains("made/a.txt") == true)
                let listed = try await fixture.runner("list").out
                #expect(listed.contains("asks for permission"), "\(listed)")
                let board = try await fixture.runner("board").out
                #expect(board.contains("1  asks for permission"), "\(board)")
                let wide = try await fixture.runner("board", "--width", "60").out
                #expect(wide.contains("? 1 work now"), "\(wide)")
                let shown = try await fixture.runner("show", "1").out
                #expect(shown.contains("made/a.txt") && shown.contains("runner approve 1"), "\(shown)")
                // What a step said is stored a second later at most.
                try await fixture.eventually("the question is in the log") {
                    try await fixture.runner("log", "1").out.contains("! asks for permission")
                }
                let given = try await fixture.runner(answer, "1", "--note", "because")
                #expect(given.status == 0, "\(given)")
            }
            let ended = try await started
            #expect(ended.status == 0, "\(ended)")
            #expect(ended.err.contains("work asks for permission: Write made/a.txt"), "\(ended.err)")
            #expect(ended.err.contains("runner approve 1"), "\(ended.err)")
            // The control: once it is answered, nothing is asked.
            #expect(!(try await fixture.runner("list").out.contains("asks")))
            #expect(!(try await fixture.runner("show", "1").out.contains("asked for")))
            let log = try await fixture.runner("log", "1").out
            #expect(log.contains("line two is two") == (answer == "approve"), "\(log.prefix(2000))")
            let denied = ["reject": "denied by", "nobody": "denied by nobody"][answer]
            if let denied { #expect(log.contains(denied), "\(log)") }
            #expect(try await fixture.runner("approvals", "--quiet").out.isEmpty)
            let late = try await fixture.runner("approve", "1")
            #expect(late.status == 3, "\(late)")
        }
    }

    @Test("ends that are no success are named, and a hang is ended")
    func failures() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await install(fixture, permission: "deny")
            let cases = [
                ("error", "on fire"), ("garbage", "ended without a result"), ("max_tokens", "output limit"),
                ("refusal", "refuse"), ("hang", "no output"),
            ]
            for (number, (word, error)) in cases.enumerated() {
                let workflow = """
                    name: one
                    steps:
                      - id: work
                        agent: acp
                        with: {command: [talker]}
                        prompt: '{{ task.prompt }}'
                        idle-timeout: \(word == "hang" ? 3 : 60)s
                        max-attempts: 1

                    """
                try fixture.write(workflow, to: fixture.root + "/one.yaml")
                let started = try await fixture.runner(
                    "start", repository, "\(word) now", "--workflow", fixture.root + "/one.yaml")
                #expect(started.status == 1, "\(word): \(started)")
                let attempt = try await attempt(fixture, number + 1)
                #expect(attempt.error?.contains(error) == true, "\(word): \(attempt.error ?? "none")")
            }
            let missing = try await fixture.runner(
                "start", repository, "x", "--agent", "acp", "--command", "/nonexistent/agent")
            #expect(missing.status == 1, "\(missing)")
            try await fixture.eventually("no agent is left") {
                fixture.processes().allSatisfy { !$0.contains("talker") }
            }
        }
    }

    @Test("a cancelled turn ends in good order, and a deaf agent is ended", arguments: ["hang", "deaf"])
    func cancel(_ word: String) async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await install(fixture, permission: "deny")
            async let started = fixture.runner("start", repository, "\(word) now", "--workflow", "plain")
            try await fixture.eventually("the agent works") {
                guard let path = try? await fixture.runner("path", "1"), path.status == 0 else { return false }
                let folder = path.out.trimmingCharacters(in: .newlines)
                return FileManager.default.fileExists(atPath: folder + "/begun")
            }
            let cancelled = try await fixture.runner("cancel", "1")
            #expect(cancelled.status == 0, "\(cancelled)")
            #expect(try await started.status == 130)
            let attempt = try await attempt(fixture, 1)
            #expect(attempt.status == "cancelled", "\(attempt.error ?? "")")
            let raw = try await fixture.runner("log", "1", "--raw").out
            #expect(raw.contains("\"stopReason\": \"cancelled\"") == (word == "hang"), "\(raw)")
            try await fixture.eventually("no agent is left") {
                fixture.processes().allSatisfy { !$0.contains("talker") }
            }
        }
    }
}
