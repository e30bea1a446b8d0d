import Foundation
import Testing

@Suite("runner bisect")
struct BisectTests {
    /// Nine steps; each appends its number to `steps.txt`, and the one in `breaks` also makes `broken`.
    private func start(_ fixture: RunnerFixture, breaks: Int) async throws -> String {
        let repository = try await fixture.makeRepository(files: ["a.txt": "a\n"])
        var text = "name: nine\nsteps:\n"
        for number in 1...9 {
            let extra = number == breaks ? "; touch broken" : ""
            text += "  - id: s\(number)\n    run: echo \(number) >> steps.txt\(extra)\n"
        }
        try fixture.write(text, to: fixture.root + "/nine.yaml")
        let started = try await fixture.runner(
            "start", repository, "nine", "--workflow", fixture.root + "/nine.yaml", "--quiet")
        #expect(started.status == 0, "\(started.err)")
        return repository
    }

    private struct Found: Decodable {
        struct Trial: Decodable {
            let step: String?
            let verdict: String
        }

        let trials: [Trial]
        let firstBad: Trial?
        let suspects: [String]
    }

    @Test("the step that broke it is found by halving, and nothing of the trials is left", arguments: [1, 4, 9])
    func finds(breaks: Int) async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await start(fixture, breaks: breaks)
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            let before = try await fixture.manifest(worktree)
            // A test leaves things behind, as tests do.
            let command = "echo mess > mess.txt; mkdir -p out/deep; test ! -e broken"
            let found = try await fixture.runner("bisect", "1", "--run", command, "--json")
            #expect(found.status == 0, "\(found.err)")
            let result = try found.json(Found.self)
            #expect(result.firstBad?.step == "s\(breaks)")
            #expect(result.trials.count <= 2 + 4, "\(result.trials)")
            #expect(try await fixture.runner("bisect", "1", "--run", command, "--quiet").out == "s\(breaks)\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/bisect").isEmpty)
            #expect(try await fixture.manifest(worktree) == before)
            let hubs = try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/hubs")
            let hub = try #require(hubs.first { $0.hasSuffix(".git") }.map { "\(fixture.home)/hubs/\($0)" })
            #expect(try await !fixture.git("worktree", "list", in: hub).contains("bisect"))
            _ = repository
        }
    }

    @Test("a command that cannot tell, one that fails from the start, and one that cannot be run")
    func untold() async throws {
        try await RunnerFixture.with { fixture in
            _ = try await start(fixture, breaks: 5)
            let skip = "n=$(tail -n 1 steps.txt 2>/dev/null); [ \"$n\" = 5 ] && exit 125; test ! -e broken"
            let found = try await fixture.runner("bisect", "1", "--run", skip, "--json").json(Found.self)
            #expect(found.firstBad?.step == "s6")
            #expect(found.suspects == ["s5"])
            let fine = try await fixture.runner("bisect", "1", "--run", "true", "--json").json(Found.self)
            #expect(fine.firstBad == nil)
            let early = try await fixture.runner("bisect", "1", "--run", "false")
            #expect(early.status == 3 && early.err.contains("at the base"), "\(early)")
            let missing = try await fixture.runner("bisect", "1", "--run", "no-such-program-here")
            #expect(missing.status == 3 && missing.err.contains("127"), "\(missing)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/bisect").isEmpty)
        }
    }

    @Test("a bisect that is ended takes its command, what that started and its folder with it")
    func ended() async throws {
        try await RunnerFixture.with { fixture in
            _ = try await start(fixture, breaks: 5)
            let script = """
                "$0" bisect 1 --run "sleep 300; touch '$1/late'" & p=$!
                until pgrep -P "$(pgrep -P $p -x sh)" -x sleep; do :; done >/dev/null 2>&1
                kill -TERM $p; wait $p
                """
            let ended = try await fixture.run(
                "/bin/sh", ["-c", script, RunnerFixture.build + "/runner", fixture.root])
            #expect(ended.status == 130, "\(ended.err)")
            #expect(fixture.processIDs { $0.hasPrefix("sleep 300") }.isEmpty)
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.home + "/bisect").isEmpty)
            #expect(!FileManager.default.fileExists(atPath: fixture.root + "/late"))
        }
    }
}
