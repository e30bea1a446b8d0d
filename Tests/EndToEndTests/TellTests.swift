import Foundation
import Testing

@Suite("what an agent is told afterwards")
struct TellTests {
    /// A claude that writes a file when it is asked to, and only answers in a session that it goes on with.
    static let claude = """
        #!/bin/sh
        [ "$1" = --version ] && { echo 1.0; exit; }
        id='"session_id":"5e551011-0000-4000-8000-000000000001"'
        echo '{"type":"system","subtype":"init","model":"m-1","cwd":"/x","tools":[],'"$id"'}'
        cat > /dev/null
        case "$*" in
        *--resume*) ;;
        *)
            echo hello > hello.txt
            echo '{"type":"assistant","message":{"id":"a1","role":"assistant","model":"m-1","content":[{"type":"tool_use","id":"t1","name":"Write","input":{"file_path":"hello.txt"}}]},'"$id"'}'
            echo '{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]},'"$id"'}' ;;
        esac
        echo '{"type":"result","subtype":"success","is_error":false,"result":"All done.","num_turns":1,'"$id"'}'

        """

    @Test("after it the workflow goes on where it had failed, and can be replayed")
    func workflowGoesOn() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let claude = TellTests.claude.replacing("*--resume*) ;;", with: "*--resume*) echo f > fixed ;;")
            try fixture.write(claude, to: fixture.root + "/bin/claude", mode: 0o755)
            try fixture.write(
                "name: w\nsteps:\n  - { id: work, agent: claude, prompt: x }\n  - { id: check, run: test -e fixed }\n"
                    + "  - { id: last, run: echo l > last }\n", to: fixture.root + "/w.yaml")
            let extra = ["PATH": fixture.root + "/bin:" + (fixture.variables["PATH"] ?? "")]
            let started = try await fixture.runner(
                "start", repository, "greet", "--workflow", fixture.root + "/w.yaml", extra: extra)
            #expect(started.status == 1, "\(started.err)")
            #expect(try await fixture.runner("tell", "1", "Fix it.", extra: extra).status == 0)
            let retried = try await fixture.runner("retry", "1", extra: extra)
            #expect(retried.status == 0, "\(retried.err)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(FileManager.default.fileExists(atPath: worktree + "/last"))
            #expect(FileManager.default.fileExists(atPath: worktree + "/hello.txt"))
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.first { $0.key == "last" }?.status == "succeeded", "\(steps)")
            let replayed = try await fixture.runner("replay", "1", extra: extra)
            #expect(replayed.err.contains("does not begin") == false, "\(replayed.err)")
        }
    }

    @Test("it goes on in the session, and the tools of the work before are still shown")
    func tools() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(TellTests.claude, to: fixture.root + "/bin/claude", mode: 0o755)
            try fixture.write(
                "name: one\nsteps:\n  - id: work\n    agent: claude\n    prompt: '{{ task.prompt }}'\n",
                to: fixture.root + "/one.yaml")
            let extra = ["PATH": fixture.root + "/bin:" + (fixture.variables["PATH"] ?? "")]
            let started = try await fixture.runner(
                "start", repository, "greet", "--workflow", fixture.root + "/one.yaml", extra: extra)
            #expect(started.status == 0, "\(started.err)")
            let told = try await fixture.runner("tell", "1", "Thank you.", extra: extra)
            #expect(told.status == 0, "\(told.err)")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.first?.key == "tell")
            #expect(steps.first?.attempts.first?.agentSessionId == "5e551011-0000-4000-8000-000000000001")
            let tools = try await fixture.runner("tools", "1")
            let lines = tools.out.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(lines.count == 2, "\(tools.out)\(tools.err)")
            #expect(lines.first?.prefix(3) == ["RUN", "STEP", "TRY"])
            #expect(lines.last?.prefix(5) == ["1", "work", "1", "1", "Write"], "\(tools.out)")
            let none = try await fixture.runner("tools", "1", "tell")
            #expect(none.status == 0 && none.out.isEmpty && none.err.contains("no tool was used"), "\(none.err)")
            let unknown = try await fixture.runner("tools", "1", "nothing")
            #expect(unknown.status != 0 && unknown.err.contains("tell, work"), "\(unknown.err)")
        }
    }

    @Test("the steps before it are still read, forked and gone back to")
    func earlierSteps() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(
                TellTests.claude.replacing("*--resume*) ;;", with: "*--resume*) echo worse > hello.txt ;;"),
                to: fixture.root + "/bin/claude", mode: 0o755)
            try fixture.write(
                "name: one\nsteps:\n  - id: work\n    agent: claude\n    prompt: '{{ task.prompt }}'\n",
                to: fixture.root + "/one.yaml")
            let started = try await fixture.runner(
                "start", repository, "greet", "--workflow", fixture.root + "/one.yaml")
            #expect(started.status == 0, "\(started.err)")
            let told = try await fixture.runner("tell", "1", "Make it worse.")
            #expect(told.status == 0, "\(told.err)")
            let log = try await fixture.runner("log", "1", "work")
            #expect(log.status == 0 && log.out.contains("Write hello.txt"), "\(log)")
            let diff = try await fixture.runner("diff", "1", "work")
            #expect(diff.out.contains("+hello") && !diff.out.contains("worse"), "\(diff)")
            let forked = try await fixture.runner("fork", "1", "--step", "work")
            #expect(forked.status == 0, "\(forked.err)")
            let back = try await fixture.runner("rewind", "1", "--to", "work")
            #expect(back.status == 0, "\(back.err)")
            let path = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try String(contentsOfFile: path + "/hello.txt", encoding: .utf8) == "hello\n")
            let nothing = try await fixture.runner("rewind", "1", "--to", "nothing")
            #expect(nothing.status == 3 && nothing.err.contains("no step"), "\(nothing)")
        }
    }
}
