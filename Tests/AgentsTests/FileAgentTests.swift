import Agents
import Foundation
import RunnerCore
import Testing

@Suite("Agents described by a file")
struct FileAgentTests {
    private func adapter(_ yaml: String) throws -> FileAgentAdapter {
        FileAgentAdapter(try FileAgent(yaml: Array(yaml.utf8), name: "tiny", file: "tiny.yaml"))
    }

    private func run(_ adapter: FileAgentAdapter, _ output: String, _ exit: AgentExit = .status(0)) -> AgentOutcome {
        var decoder = adapter.makeDecoder(for: AgentRequest(model: "m-1"), timeZone: .gmt)
        _ = decoder.feed(Data(output.utf8), at: Fixture.time)
        return decoder.finish(exit, at: Fixture.time)
    }

    private let full = #"""
        type: qa
        command: [tiny, --batch]
        prompt: argument
        model: [--model, "{model}"]
        resume: [--session, "{session}"]
        environment: {TINY_QUIET: 1}
        pass-environment: [TINY_*]
        version: [tiny, --version]
        interrupt: terminate
        worktree-files: [.tiny]
        output:
          session: '^session (\S+)'
          input-tokens: 'in=(\d+)'
          output-tokens: 'out=(\d+)'
          cached-tokens: 'cached=(\d+)'
          cost: '\$([0-9.]+)'
          error: '^ERROR (.*)'
          limit: '^LIMIT (.*)'
          success: '^DONE'
        """#

    @Test("its command line, prompt, model, session and environment are as the file says")
    func launch() throws {
        let adapter = try adapter(full)
        #expect(adapter.agent.type == "qa")
        let launch = try adapter.launch(AgentRequest(prompt: "Do it", model: "m-1", resumeSessionID: "s-1"))
        #expect(launch.argv == ["tiny", "--batch", "--model", "m-1", "--session", "s-1", "Do it"])
        #expect(launch.environment["TINY_QUIET"] == "1")
        #expect(launch.inherits("TINY_KEY") && !launch.inherits("OTHER"))
        #expect(launch.interrupt == .terminate)
        #expect(adapter.versionProbe == ["tiny", "--version"])
        #expect(adapter.worktreeFiles == [".tiny"])
        let plain = try self.adapter("command: 'tiny --shell'").launch(AgentRequest(prompt: "Do it"))
        #expect(plain.argv == ["/bin/sh", "-c", "tiny --shell", "sh"])
        #expect(plain.stdin == Data("Do it".utf8))
    }

    @Test("a program that failed is understood by the HTTP status in its last line, without a pattern; words are not")
    func statuses() throws {
        let plain = try adapter("command: tiny")
        let limit = run(plain, "I begin.\nError: Error code: 429 - Please try again in 35s.\n", .status(1))
        #expect(limit.kind == .rateLimit && limit.resetsAt == Fixture.time.addingTimeInterval(35))
        #expect(run(plain, "HTTP 401: no\n", .status(1)).kind == .authentication)
        let quiet = try adapter("command: tiny\noutput: {success: '^DONE'}")
        #expect(run(quiet, "API call failed: HTTP 429: later\n").kind == .rateLimit)
        // The controls: a status further up, words of a limit, and a success.
        #expect(run(plain, "HTTP 429: wait\nTypeError: x\n", .status(1)).kind == .exitStatus)
        #expect(run(plain, "the rate limit test failed\n", .status(1)).kind == .exitStatus)
        #expect(run(plain, "It answers HTTP 429.\n").status == .succeeded)
        #expect(run(plain, "HTTP 429\n", .signal(9)).kind == .killed)
    }

    @Test("tools are found by patterns, with what they were given as text or as an object")
    func tools() throws {
        let adapter = try adapter("command: tiny\noutput: {tool: '^> (\\w+)', tool-input: '^> \\w+ (.*)'}")
        let outcome = run(adapter, "> Shell ls /\n> Read {\"path\":\"a\"}\n> Think\nno > tool\n")
        #expect(outcome.tools.map(\.name) == ["Shell", "Read", "Think"])
        #expect(outcome.tools.map(\.arguments.text) == [#"{"input":"ls /"}"#, #"{"path":"a"}"#, "{}"])
        #expect(outcome.tools.allSatisfy { $0.status == .unknown })
    }

    @Test("a prompt that belongs to an option stands behind it, after all else")
    func promptOption() throws {
        let request = AgentRequest(prompt: "Do it", promptFile: "/p", resumeSessionID: "s-1")
        let base = "command: [tiny]\nresume: [--session, '{session}']\n"
        let direct = try adapter(base + "prompt: [-p, '{prompt}']").launch(request)
        #expect(direct.argv == ["tiny", "--session", "s-1", "-p", "Do it"] && direct.stdin == nil)
        let file = try adapter(base + "prompt: ['--file={file}']").launch(request)
        #expect(file.argv == ["tiny", "--session", "s-1", "--file=/p"])
        #expect(try adapter(base + "prompt: argument").launch(request).argv.last == "Do it")
        #expect(throws: AgentsError.self) { try adapter(base + "prompt: [-p]") }
    }

    @Test("its output is read by the patterns")
    func output() throws {
        let adapter = try adapter(full)
        let outcome = run(adapter, "session s-9\nworking\nin=10 cached=3 out=4 $0.5\nin=1 out=1 $0.25\nDONE\n")
        #expect(outcome.status == .succeeded)
        #expect(outcome.sessionID == "s-9")
        #expect(outcome.usage == TokenUsage(input: 11, output: 5, cacheRead: 3))
        #expect(abs((outcome.costUSD ?? 0) - 0.75) < 1e-9)
        #expect(outcome.finalText?.contains("working") == true)
        #expect(run(adapter, "session s-9\n").kind == .noResult)
        #expect(run(adapter, "DONE\n", .status(3)).kind == .exitStatus)
        #expect(run(adapter, "DONE\n", .signal(9)).kind == .killed)
        #expect(run(adapter, "ERROR invalid api key\nDONE\n").kind == .authentication)
        let limited = run(adapter, "LIMIT try again in 2 hours\n", .status(1))
        #expect(limited.kind == .rateLimit)
        #expect(limited.resetsAt == Fixture.time.addingTimeInterval(7200))
        #expect(limited.reason?.hasPrefix("tiny: rate limit reached") == true)
    }

    @Test(
        "a pattern that would take longer than a life is given up, is told, and makes no success",
        arguments: [
            "error", "limit", "success", "message",
        ])
    func hopeless(_ key: String) throws {
        let adapter = try adapter("command: tiny\noutput:\n  \(key): '(a+)+b'\n  session: '^session (.*)'\n")
        let line = String(repeating: "a", count: 60) + "\n"
        var decoder = adapter.makeDecoder(for: AgentRequest(), timeZone: .gmt)
        let events = decoder.feed(Data((line + line + "session s-1\naab\n").utf8), at: Fixture.time)
        let outcome = decoder.finish(.status(0), at: Fixture.time)
        #expect(outcome.status == (key == "message" ? .succeeded : .failed))
        #expect(!["error", "limit"].contains(key) || outcome.reason?.contains("the pattern \"\(key)\"") == true)
        // The others are still looked for.
        #expect(outcome.sessionID == "s-1")
        let told = events.count { if case .notice(let notice) = $0 { notice.text.contains(key) } else { false } }
        #expect(told == (["error", "limit"].contains(key) ? 0 : 1))
        // The control: the same pattern where it takes no time.
        let short = run(adapter, "aab\n")
        #expect(short.status == (["error", "limit"].contains(key) ? .failed : .succeeded))
        #expect(short.reason?.contains("the pattern") != true)
    }

    @Test("figures of one report may stand on several lines, in any order, and none is left out")
    func figures() throws {
        let adapter = try adapter(full)
        let late = run(adapter, "in=10\nout=4\n$0.5\nDONE\n")
        #expect(late.usage == TokenUsage(input: 10, output: 4) && late.costUSD == 0.5)
        let early = run(adapter, "$0.5\nin=10\nout=4\ncached=1\n$0.25\nout=1\nin=1\ncached=0\nDONE\n")
        #expect(early.usage == TokenUsage(input: 11, output: 5, cacheRead: 1) && early.costUSD == 0.75)
        #expect(run(adapter, "in=7\nDONE").usage == TokenUsage(input: 7))
        let total = run(adapter, "in=10 out=4\nin=20 out=5\nDONE\n$0.5\n")
        #expect(total.usage == TokenUsage(input: 30, output: 9) && total.costUSD == 0.5)
        let unpriced = run(adapter, "in=10 out=4\nin=20 out=5\nDONE\n")
        #expect(unpriced.usage == TokenUsage(input: 30, output: 9) && unpriced.costUSD == nil)
        let priced = run(adapter, "$0.1\nDONE\n")
        #expect(priced.costUSD == 0.1)
    }

    @Test("colours and what was written over are no part of a line")
    func terminalOutput() throws {
        let adapter = try adapter(full)
        let coloured = run(adapter, "\u{1B}[1msession s-9\u{1B}[0m\n\u{1B}[31mERROR\u{1B}[0m no key\nDONE\n")
        #expect(coloured.sessionID == "s-9" && coloured.status == .failed)
        #expect(coloured.reason?.hasSuffix("ERROR no key") == false && coloured.reason?.hasSuffix("no key") == true)
        let progress = run(adapter, "in=1 out=1 10%\rin=2 out=2 20%\r\u{1B}[2KERROR from below\nDONE\n")
        #expect(progress.status == .failed && progress.usage == nil)
        #expect(run(adapter, "10%\r\u{1B}[KDONE\r\n").status == .succeeded)
        #expect(run(adapter, "DONE, ERROR as a word\n").status == .succeeded)
    }

    @Test("standard error counts too")
    func standardError() throws {
        func outcome(_ output: String, _ complaint: String) throws -> AgentOutcome {
            var decoder = try adapter(full).makeDecoder(for: AgentRequest(model: "m-1"), timeZone: .gmt)
            _ = decoder.feed(Data(output.utf8), at: Fixture.time)
            _ = decoder.feed(Data(complaint.utf8), from: .stderr, at: Fixture.time)
            return decoder.finish(.status(0), at: Fixture.time)
        }
        #expect(try outcome("DONE\n", "ERROR no space\n").status == .failed)
        let stopped = try outcome("", "LIMIT : try again in 2 hours\n")
        #expect(stopped.kind == .rateLimit && stopped.resetsAt == Fixture.time.addingTimeInterval(7200))
        #expect(stopped.reason?.hasSuffix(": try again in 2 hours") == true && stopped.reason?.contains(": :") == false)
        let told = try outcome("answer\n", "in=3 out=4\nDONE\n")
        #expect(told.status == .succeeded && told.usage == TokenUsage(input: 3, output: 4))
        #expect(told.finalText == "answer")
    }

    @Test(
        "figures are read as programs write them",
        arguments: [
            ("12345", 12345), ("12,345", 12345), ("2.5k", 2500), ("1.2M", 1_200_000), ("3K", 3000), ("k", nil),
            ("9999M", nil),
        ])
    func roundedFigures(_ text: String, _ count: Int?) throws {
        let adapter = try adapter("command: tiny\noutput: {input-tokens: '(\\S+) in'}")
        #expect(run(adapter, "\(text) in\n").usage?.input == count)
    }

    @Test(
        "amounts are read as programs write them, and none is guessed",
        arguments: [("0.25", 0.25), ("$0.25", 0.25), ("1,234.50", 1234.5), ("1,5", nil), ("-1", nil), ("free", nil)])
    func amounts(_ text: String, _ amount: Double?) throws {
        let adapter = try adapter("command: tiny\noutput: {cost: 'cost (\\S+)'}")
        #expect(run(adapter, "cost \(text)\n").costUSD == amount)
    }

    @Test(
        "a mistake names the file and the key",
        arguments: [
            ("prompt: stdin", "command"), ("command: [tiny]\ncolour: red", "colour"), ("command: []", "command"),
            ("command: tiny\nprompt: pigeon", "prompt"), ("command: tiny\noutput: {session: '('}", "session"),
            ("command: tiny\noutput: 3", "output"), ("command: tiny\ntype: boss", "type"), ("- a", "map"),
            ("command: tiny\ncommand: other", "command"), ("a: [", "tiny.yaml"),
            ("command: tiny\nname: Big Name", "name"),
        ])
    func mistakes(_ yaml: String, _ word: String) {
        let error = #expect(throws: AgentsError.self) { try adapter(yaml) }
        let text = error?.description ?? ""
        #expect(text.contains("tiny.yaml") && text.contains(word), "\(text)")
        #expect(!text.contains("with."))
    }

    @Test("the example in the documentation is a valid description")
    func documentation() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../docs/agents.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        let rest = text.components(separatedBy: "This is `tiny.yaml`:\n\n```yaml\n").dropFirst().first
        let example = try #require(rest?.components(separatedBy: "```").first)
        let adapter = try adapter(example)
        let outcome = run(adapter, "session 7f3a\nAll done.\ntokens: 120 in, 30 out\n")
        #expect(outcome.status == .succeeded && outcome.sessionID == "7f3a")
        #expect(outcome.usage == TokenUsage(input: 120, output: 30))
    }
}
