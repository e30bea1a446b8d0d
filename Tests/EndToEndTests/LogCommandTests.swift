import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

@Suite("the output of attempts")
struct LogCommandTests {
    @Test("an attempt that there is not is said so")
    func noSuchAttempt() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try await fixture.runner("start", repository, "echo hello", "--workflow", "script")
            #expect(try await fixture.runner("log", "1", "--attempt", "1").out == "hello\n")
            let none = try await fixture.runner("log", "1", "--attempt", "9")
            #expect(none.status == 3)
            #expect(none.err.contains("has no attempt 9; there is 1 of step \"script\"\n"), "\(none.err)")
        }
    }

    @Test("the steps of a loop are followed as its rounds come")
    func followedLoop() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let go = fixture.root + "/go"
            try fixture.write(
                """
                name: rounds
                steps:
                  - run: until [ -e '\(go)' ]; do sleep 0.05; done
                  - id: again
                    loop:
                      max: 3
                      until: "loop.number == 3"
                      steps:
                        - run: echo "round $RUNNER_LOOP_NUMBER"

                """, to: fixture.root + "/rounds.yaml")
            try await fixture.runner("start", repository, "t", "-w", fixture.root + "/rounds.yaml", "--detach")
            async let followed = fixture.runner("log", "1", "--follow", "--quiet")
            try await fixture.eventually("it follows") { !fixture.processIDs { $0.contains("--follow") }.isEmpty }
            try fixture.write("", to: go)
            let out = try await followed.out
            #expect(out == "round 1\nround 2\nround 3\n", "\(out)")
        }
    }

    @Test("on a terminal colours and the line ends of Windows leave no trace, nothing steers it, and nothing is lost")
    func screen() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let script = #"""
                printf '\033[1;31mred\033[0m plain\r\n10 %%\r20 %%\rdone\n'
                printf '\033]0;title\007after\033]52;c;eA==\033\\more \001\n\033[no end\nlast ü\n'
                """#
            try await fixture.runner("start", repository, script, "--workflow", "script")
            let command = "\(RunnerFixture.build)/runner log 1 --quiet"
            let shown = try await fixture.run("/usr/bin/script", ["-qec", command, "/dev/null"]).out
            let lines = shown.replacing("\r\n", with: "\n").split(separator: "\n")
            #expect(
                lines == ["red plain", "10 %", "20 %", "done", "aftermore \u{FFFD}", "o end", "last ü"], "\(shown)")
            let piped = try await fixture.runner("log", "1").out
            #expect(piped.contains("\u{1B}[1;31mred") && piped.contains("\r20 %"))
        }
    }

    @Test("output that came while the database server was dead is no gap in the log of a step that goes on")
    func outage() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let repository = try await fixture.makeRepository()
            let (go, end) = (fixture.root + "/go", fixture.root + "/end")
            // Slow enough to come before, during and after the absence; the shell's own arithmetic starts no process.
            let script = """
                i=0
                while [ ! -e '\(go)' ]; do i=$((i+1)); echo "line $i"; sleep 0.02; done
                echo last
                while [ ! -e '\(end)' ]; do sleep 0.05; done
                """
            try await fixture.runner("start", repository, script, "--workflow", "script", "--detach")
            try await fixture.eventually("some is stored") {
                try await fixture.runner("log", "1").out.contains("line 20\n")
            }
            let lines = try String(contentsOfFile: "\(fixture.home)/postgres/data/postmaster.pid", encoding: .utf8)
            let postmaster = try #require(lines.split(separator: "\n").first.flatMap { pid_t($0) })
            kill(postmaster, SIGKILL)
            try await fixture.eventually("the server is back and stores output again") {
                let log = try await fixture.runner("log", "1")
                guard log.status == 0, let last = log.out.split(separator: "\n").last else { return false }
                return (Int(last.dropFirst("line ".count)) ?? 0) > 250
            }
            try fixture.write("", to: go)
            var log = try await fixture.runner("log", "1")
            try await fixture.eventually("the last line is stored") {
                log = try await fixture.runner("log", "1")
                return log.out.hasSuffix("last\n")
            }
            #expect(!log.err.contains("are not here"), "\(log.err)")
            let all = log.out.split(separator: "\n").dropLast()
            #expect(Array(all) == (1...all.count).map { "line \($0)" })
            #expect(try await fixture.runner("list", "--json").json([TaskRowJSON].self).first?.status == "running")
            try fixture.write("", to: end)
        }
    }

    @Test("of a long output the beginning and the end are kept, to the byte, and what is missing is said")
    func longOutput() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            // 160 MB in lines of 8 bytes; each says where it belongs.
            let flood = "seq -f %07.0f 0 9999999; seq -f %07.0f 0 9999999; echo the reason; exit 3"
            let started = try await fixture.runner("start", repository, flood, "--workflow", "script", "--quiet")
            #expect(started.status != 0)
            let attempt = try #require(try await attempts(fixture).first)
            let log = try #require(attempt.log)
            #expect(log.stdoutTotal == 160_000_011)
            #expect(attempt.outputBytes == 160_000_011)
            #expect(log.stdoutKept <= 64 << 20)
            #expect(log.stdoutKept >= 56 << 20)

            let file = fixture.root + "/raw"
            let raw = try await fixture.run(
                "/bin/sh", ["-c", "exec \"$0\" log 1 --raw > \"$1\"", RunnerFixture.build + "/runner", file])
            #expect(raw.status == 0)
            let missing = 160_000_011 - log.stdoutKept
            #expect(raw.err.contains("-- \(missing) bytes of stdout are not here --"), "\(raw.err)")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(bytes.count == log.stdoutKept)
            #expect(bytes.starts(with: Data("0000000\n0000001\n".utf8)))
            #expect(bytes.suffix(27) == Data("9999998\n9999999\nthe reason\n".utf8))
            let sum = try await fixture.run("/usr/bin/sha256sum", [file]).out.prefix(64)
            #expect(attempt.outputSha256 == String(sum))
            let steps = try await fixture.runner("steps", "1").out
            #expect(steps.contains("bytes of output were not kept"))
        }
    }

    @Test("both streams come back exactly, apart; a live reader sees an unfinished line soon")
    func streams() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let workflow = """
                name: two
                steps:
                  - id: talk
                    run: |
                      printf 'no line end'
                      while [ ! -e "\(fixture.root)/go" ]; do sleep 0.05; done
                      printf ' \\000\\377 over'
                """
            try fixture.write(workflow, to: fixture.root + "/two.yaml")
            async let started = fixture.runner("start", repository, "t", "--workflow", fixture.root + "/two.yaml")
            // The line has no end, the step goes on, and yet it is there for another client.
            try await fixture.eventually("the unfinished line is stored") {
                try await fixture.runner("log", "1", "--raw").out == "no line end"
            }
            async let followed = fixture.runner("log", "1", "--follow", "--raw", "--quiet")
            try fixture.write("", to: fixture.root + "/go")
            #expect(try await started.status == 0)
            let expected = "no line end " + "\0" + String(decoding: [0xff] as [UInt8], as: UTF8.self) + " over"
            #expect(try await followed.out == expected)
            #expect(try await fixture.runner("log", "1", "--raw", "--stream", "stdout").out == expected)
            #expect(try await fixture.runner("log", "1", "--raw", "--stream", "stderr").out == "")
            #expect(try await fixture.runner("log", "1", "--raw", "--attempt", "2").out == "")
            #expect(try await fixture.runner("log", "1", "--stream", "middle").status == 2)
        }
    }

    @Test("how a cancelled attempt had to be stopped is recorded and shown")
    func stop() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let script = "touch \"\(fixture.root)/ready\"; sleep 300 & sleep 300"
            async let started = fixture.runner("start", repository, script, "--workflow", "script")
            try await fixture.eventually("the step runs") {
                FileManager.default.fileExists(atPath: fixture.root + "/ready")
            }
            #expect(try await fixture.runner("cancel", "1").status == 0)
            #expect(try await started.status == 130)
            let stop = try #require(try await attempts(fixture).first?.stop)
            #expect(stop.cause == "cancelled")
            #expect(stop.signals.first == "SIGTERM")
            #expect(["cgroup", "subreaper"].contains(stop.scope))
            #expect(try await fixture.runner("steps", "1").out.contains("stopped with SIGTERM"))
        }
    }

    private func attempts(_ fixture: RunnerFixture) async throws -> [AttemptJSON] {
        try await fixture.runner("steps", "1", "--json").json([StepJSON].self).flatMap(\.attempts)
    }
}
