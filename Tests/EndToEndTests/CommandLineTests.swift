import Foundation
import Testing

@Suite("the command line")
struct CommandLineTests {
    @Test("help, completions and the manual page come from the command tree")
    func generated() async throws {
        try await RunnerFixture.with { fixture in
            let help = try await fixture.runner("--help")
            #expect(help.status == 0)
            #expect(help.out.contains("start"))
            #expect(help.err.isEmpty)
            for shell in ["bash", "zsh", "fish"] {
                let completion = try await fixture.runner("--generate-completion-script", shell)
                #expect(completion.status == 0)
                #expect(completion.out.contains("restore"))
            }
            let manual = try await fixture.runner("documentation", "--format", "man").out
            #expect(manual.hasPrefix(".TH RUNNER 1"))
            #expect(manual.contains("runner repo check"))
        }
    }

    @Test(
        "what is wrong in a command line is told with that command's usage, also where its parts look right",
        arguments: [
            ["start", ".", "x", "--input", "y"], ["workflow", "plan", "x", "--input", "y"], ["agent", "set", "x", "y"],
            ["agent", "add", "x", "--command", "c", "--set", "y"],
            ["batch", "start", ".", "--tasks", "f", "--input", "y"],
            ["retry", "1", "--budget", "y"], ["repo", "update", "x", "--spares", "y"],
        ])
    func usage(arguments: [String]) async throws {
        try await RunnerFixture.with { fixture in
            let wrong = try await fixture.run(RunnerFixture.build + "/runner", arguments)
            let command = arguments.prefix(["start", "retry"].contains(arguments[0]) ? 1 : 2).joined(separator: " ")
            #expect(wrong.status == 2 && wrong.err.contains("Usage: runner \(command) "), "\(wrong.err)")
        }
    }

    @Test("docs/command-reference.md is what the command tree says")
    func reference() async throws {
        try await RunnerFixture.with { fixture in
            let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let written = try String(contentsOf: source.appending(path: "docs/command-reference.md"), encoding: .utf8)
            #expect(try await fixture.runner("documentation").out == written, "run make docs")
        }
    }

    @Test("repo check judges a URL without touching anything, hostile ones too")
    func check() async throws {
        try await RunnerFixture.with { fixture in
            let accepted = try await fixture.runner("repo", "check", "https://github.com/o/r.git", "--json")
            #expect(accepted.status == 0)
            #expect(accepted.out.contains("\"verdict\" : \"accept\""))
            for (url, reason) in [("--upload-pack=x", "option-injection"), ("ext::sh -c id", "transport-helper")] {
                let refused = try await fixture.runner("repo", "check", "--json", "--", url)
                #expect(refused.status == 1, "\(refused.err)")
                #expect(refused.out.contains(reason), "\(refused.out)")
            }
            #expect(!FileManager.default.fileExists(atPath: fixture.home))
        }
    }

    @Test("db validate is all ticks, also after reverting everything and migrating again")
    func validate() async throws {
        try await RunnerFixture.with { fixture in
            #expect(try await fixture.runner("db", "start").status == 0)
            let first = try await fixture.runner("db", "validate")
            #expect(first.status == 0, "\(first.out)")
            #expect(!first.out.contains("✗"))
            #expect(first.out.split(separator: "\n").count > 100)
            #expect(try await fixture.runner("db", "revert", "100", "--force").status == 0)
            #expect(try await fixture.runner("db", "migrate").status == 0)
            #expect(try await fixture.runner("db", "validate").out == first.out)
        }
    }

    @Test("db stop leaves no process, and the next command starts it again")
    func stop() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            #expect(try await fixture.runner("list").status == 0)
            #expect(try await fixture.runner("db", "stop").status == 0)
            try await fixture.eventually("nothing runs") { fixture.processes().isEmpty }
            #expect(try await fixture.runner("list").status == 0)
        }
    }

    @Test("db stop ends the daemon too, which would start the server again")
    func stopWithDaemon() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let served = try await fixture.runner("serve", "--background")
            #expect(served.status == 0, "\(served.err)")
            #expect(!fixture.processes().isEmpty)
            #expect(try await fixture.runner("db", "stop").status == 0)
            try await fixture.eventually("nothing runs") { fixture.processes().isEmpty }
        }
    }

    @Test("doctor names every thing it looked at")
    func doctor() async throws {
        try await RunnerFixture.with { fixture in
            let output = try await fixture.runner("doctor")
            for name in ["git", "libgit2", "runner-shim", "data folder", "disk space", "database", "claude"] {
                #expect(output.out.contains(name), "\(output.out)")
            }
        }
    }
}
