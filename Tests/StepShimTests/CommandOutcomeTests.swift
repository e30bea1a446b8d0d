import Engine
import Foundation
import Glibc
import Testing

/// How a command ended is recorded as it was.
@Suite(.timeLimit(.minutes(2)))
struct CommandOutcomeTests {
    @Test("An exit code is recorded as it is", arguments: [0, 1, 3, 127, 255])
    func exitCode(code: Int) async throws {
        let fixture = try ShimFixture()
        let exit = try await fixture.run(fixture.spec("exit \(code)"))
        #expect(exit.reason == .exited)
        #expect(exit.exitCode == code)
        #expect(exit.signal == nil)
        #expect(exit.stopStages == 0)
        #expect(exit.stopSignal == nil)
        #expect(exit.survivorsKilled == 0)
    }

    @Test("A command that a signal ended has that signal and no exit code", arguments: [SIGKILL, SIGSEGV, SIGTERM])
    func signal(number: Int32) async throws {
        let fixture = try ShimFixture()
        let exit = try await fixture.run(fixture.spec("ulimit -c 0; kill -\(number) $$"))
        #expect(exit.reason == .signaled)
        #expect(exit.signal == Int(number))
        #expect(exit.exitCode == nil)
        #expect(exit.stopSignal == nil)
    }

    @Test("Time and cost of the command are recorded")
    func usage() async throws {
        let fixture = try ShimFixture()
        let before = Date()
        let exit = try await fixture.run(fixture.spec("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 0.1"))
        #expect(exit.durationMilliseconds >= 100)
        #expect(try #require(exit.userMilliseconds) > 0)
        #expect(try #require(exit.maxResidentKiB) > 100)
        #expect(exit.startedAt.timeIntervalSince(before) > -1)
        #expect(exit.endedAt >= exit.startedAt)
    }

    @Test("A program that is not there is 127, and the message names it")
    func missing() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("")
        spec.arguments = ["no-such-program"]
        let exit = try await fixture.run(spec)
        #expect(exit.reason == .spawnFailed)
        #expect(exit.exitCode == 127)
        #expect(exit.errorCode == Int(ENOENT))
        #expect(exit.error == "cannot execute \"no-such-program\": No such file or directory")
        #expect(fixture.markedProcesses().isEmpty)
    }

    @Test("A program that may not be run is 126", arguments: ["/etc/passwd", "/tmp"])
    func forbidden(program: String) async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("")
        spec.arguments = [program]
        let exit = try await fixture.run(spec)
        #expect(exit.reason == .spawnFailed)
        #expect(exit.exitCode == 126)
        #expect(exit.errorCode == Int(EACCES))
    }

    @Test("A missing working directory or input file is a spawn failure that says so")
    func missingFiles() async throws {
        let first = try ShimFixture()
        var spec = first.spec("true")
        spec.directory = "/no/such/folder"
        var exit = try await first.run(spec)
        #expect(exit.reason == .spawnFailed)
        #expect(exit.error == "cannot enter the working directory: No such file or directory")

        let second = try ShimFixture()
        spec = second.spec("true")
        spec.standardInput = "/no/such/file"
        exit = try await second.run(spec)
        #expect(exit.reason == .spawnFailed)
        #expect(exit.error == "open standard input: No such file or directory")
    }

    @Test("The program is looked up on the PATH of the spec, not on ours")
    func path() async throws {
        let fixture = try ShimFixture()
        let tool = fixture.root + "/tool"
        try "#!/bin/sh\necho found $1\n".write(toFile: tool, atomically: true, encoding: .utf8)
        chmod(tool, 0o700)
        var spec = fixture.spec("", environment: ["PATH": "/nowhere:\(fixture.root):/usr/bin:/bin"])
        spec.arguments = ["tool", "it"]
        let exit = try await fixture.run(spec)
        #expect(exit.exitCode == 0)
        #expect(try fixture.text("stdout") == "found it\n")
    }

    @Test(
        "A damaged specification runs nothing",
        arguments: [
            "", "runner-shim-spec 1\0arg=/bin/true\0cwd=/\0env=RUNNER_ATTEMPT=x\0", "runner-shim-spec 2\0end\0",
            "runner-shim-spec 1\0arg=/bin/true\0cwd=/\0env=RUNNER_ATTEMPT=x\0sandbox=1\0end\0",
            "runner-shim-spec 1\0arg=/bin/true\0cwd=/\0end\0",
        ])
    func damaged(text: String) async throws {
        let fixture = try ShimFixture()
        try FileManager.default.createDirectory(atPath: fixture.attempt, withIntermediateDirectories: false)
        try text.write(toFile: fixture.attempt + "/spec", atomically: true, encoding: .utf8)
        let exit = try await fixture.launcher.launch(in: fixture.attempt).waitForExit()
        #expect(exit.reason == .spawnFailed)
        #expect(exit.error?.contains("specification") == true)
    }

    @Test("A directory runs one attempt only, however often it is launched")
    func once() async throws {
        let fixture = try ShimFixture()
        let spec = fixture.spec("echo run >> \(fixture.root)/runs")
        let first = try await fixture.run(spec)
        let second = try await fixture.run(spec)
        #expect(first == second)
        #expect(!FileManager.default.fileExists(atPath: fixture.attempt + "/spec"))
        #expect(try String(contentsOfFile: fixture.root + "/runs", encoding: .utf8) == "run\n")
    }

    @Test("An impossible specification is refused before anything is written")
    func impossible() throws {
        let fixture = try ShimFixture()
        let good = fixture.spec("true")
        let changes: [(inout AttemptSpec) -> Void] = [
            { $0.arguments = [] }, { $0.arguments.append("a\0b") }, { $0.directory = "relative" }, { $0.id = "a b" },
            { $0.environment["A=B"] = "c" }, { $0.outputCap = -1 }, { $0.id = "" },
        ]
        for change in changes {
            var spec = good
            change(&spec)
            #expect(throws: ShimError.self) { try spec.write(to: fixture.attempt) }
            #expect(!FileManager.default.fileExists(atPath: fixture.attempt))
        }
    }
}
