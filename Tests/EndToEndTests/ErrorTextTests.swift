import Foundation
import Testing

@Suite("what errors say, and what output carries")
struct ErrorTextTests {
    private struct LineJSON: Decodable {
        let text: String
    }

    /// One sentence, without the way Swift prints values.
    private func expectSentence(_ output: RunnerFixture.Output, status: Int) {
        #expect(output.status == status, "\(output.err)")
        #expect(output.out.isEmpty)
        let errors = output.err.split(separator: "\n").filter { $0.lowercased().hasPrefix("error:") }
        #expect(errors.count == 1, "\(output.err)")
        for dump in ["Error(", "Error Domain", "UserInfo", "Fatal", "rawValue"] {
            #expect(!output.err.contains(dump), "\(output.err)")
        }
    }

    @Test("wrong usage does not repeat a password that was typed")
    func usage() async throws {
        try await RunnerFixture.with { fixture in
            let output = try await fixture.runner("start", "p", "x", "https://user:s3cret@example.com/a/b.git")
            expectSentence(output, status: 2)
            #expect(!output.err.contains("s3cret"), "\(output.err)")
            #expect(output.err.contains("example.com/a/b.git"), "what was wrong is still named: \(output.err)")
            let escape = try await fixture.runner("start", "p", "x", "\u{1B}[2Jy")
            expectSentence(escape, status: 2)
            #expect(!escape.err.contains("\u{1B}"))
        }
    }

    @Test("a supervisor that cannot be started is one sentence, and the task goes on with what it says")
    func shim() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let output = try await fixture.runner(
                "start", repository, "echo x > x", "--workflow", "script", extra: ["RUNNER_SHIM": "/nonexistent"])
            expectSentence(output, status: 4)
            #expect(output.err.contains("/nonexistent"), "\(output.err)")
            #expect(output.err.contains("runner retry 1"), "\(output.err)")
            let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
            #expect(rows.map(\.status) == ["failed"])
            let retried = try await fixture.runner("retry", "1")
            #expect(retried.status == 0, "\(retried.err)")
        }
    }

    @Test("a folder that cannot be written is one sentence with its path")
    func folder() async throws {
        try await RunnerFixture.with { fixture in
            let output = try await fixture.runner("db", "new", "x", "--directory", "/proc/self/task")
            expectSentence(output, status: 4)
            #expect(output.err.contains("could not read or write /proc/self/task/"), "\(output.err)")
            let written = try await fixture.runner("db", "new", "x", "--directory", fixture.root)
            #expect(written.status == 0, "\(written.err)")
        }
    }

    @Test("a pipe gets the bytes of a log as the program wrote them")
    func bytes() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let started = try await fixture.runner("start", repository, "printf '\\351'", "--workflow", "script")
            try #require(started.status == 0, "\(started.err)")
            let program = RunnerFixture.build + "/runner"
            let bytes = try await fixture.run("/bin/sh", ["-c", "\"$0\" log 1 2>/dev/null | od -An -tx1", program])
            #expect(bytes.out.trimmingCharacters(in: .whitespacesAndNewlines) == "e9")
            // JSON has no bytes: there it is the replacement character, and held back bytes are not lost.
            let line = try await fixture.runner("log", "1", "--json").json(LineJSON.self)
            #expect(line.text == "\u{FFFD}")
        }
    }

    @Test("a character that two pieces share is whole in --json")
    func characters() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let script = "head -c 120000 /dev/zero | LC_ALL=C sed 's/\\x00/€/g'"
            let started = try await fixture.runner("start", repository, script, "--workflow", "script")
            try #require(started.status == 0, "\(started.err)")
            let output = try await fixture.runner("log", "1", "--json")
            let lines = try output.out.split(separator: "\n").map {
                try JSONDecoder().decode(LineJSON.self, from: Data($0.utf8)).text
            }
            #expect(lines.count > 1, "it came in pieces")
            #expect(lines.joined() == String(repeating: "€", count: 120_000))
        }
    }

    @Test("where the supervisor is missing, nothing is begun again")
    func noShim() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let started = try await fixture.runner("start", repository, "exit 3", "--workflow", "script")
            #expect(started.status == 1)
            let folder = fixture.root + "/alone"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: RunnerFixture.build + "/runner", toPath: folder + "/runner")
            for arguments in [["retry", "1"], ["retry", "1", "--detach"], ["tell", "1", "x"]] {
                let refused = try await fixture.run(folder + "/runner", arguments)
                expectSentence(refused, status: 4)
                #expect(refused.err.contains("runner-shim"), "\(arguments) \(refused.err)")
            }
            #expect(try await fixture.runner("list", "--json").json([TaskRowJSON].self).map(\.status) == ["failed"])
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.flatMap(\.attempts).count == 1)
            // The control: beside its supervisor the same command begins another attempt.
            #expect(try await fixture.runner("retry", "1").status == 1)
            let again = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(again.flatMap(\.attempts).count == 2)
        }
    }
}
