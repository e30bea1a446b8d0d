import Foundation
import Testing

@Suite("steps that write nothing")
struct PromiseTests {
    /// An agent that changes the same files whatever it is asked.
    private static let blind =
        "echo answer; cat > /dev/null; echo made > made.txt; echo more >> README.md; rm -f gone.txt"

    @Test("what an agent changes all the same is put back and kept aside; the run goes on to its end")
    func putBack() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["README.md": "hello\n", "gone.txt": "x\n"])
            let started = try await fixture.runner("start", repository, "do it", "--command", Self.blind)
            #expect(started.status == 0, "\(started.err)")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            let ends = Dictionary(uniqueKeysWithValues: steps.map { ($0.key, $0.status) })
            #expect(ends["plan"] == "succeeded" && ends["implement"] == "succeeded" && ends["review"] == "succeeded")
            let told = try await fixture.runner("steps", "1").out
            #expect(told.contains("it changed 3 files although it declares writes: false"), "\(told)")
            let branch = try await fixture.runner("show", "1", "--json").json(ShowJSON.self).branch ?? ""
            #expect(try await fixture.git("show", "\(branch):README.md", in: repository) == "hello\nmore")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try await fixture.git("status", "--porcelain", in: worktree).isEmpty)
            // Nothing is lost.
            let aside = "refs/runner/1/1/plan.1.aside"
            #expect(try await fixture.git("show", "\(aside):README.md", in: worktree) == "hello\nmore")
            #expect(try await fixture.git("show", "refs/runner/1/1/plan.1:README.md", in: worktree) == "hello")
        }
    }

    @Test("a script that breaks its promise has failed, and so has an agent beside others")
    func controls() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let script = fixture.root + "/script.yaml"
            try fixture.write("name: s\nsteps:\n  - { id: a, writes: false, run: echo x > x }\n", to: script)
            let failed = try await fixture.runner("start", repository, "t", "--workflow", script)
            #expect(failed.status == 1 && failed.err.contains("writes: false"), "\(failed.err)")
            let beside = fixture.root + "/beside.yaml"
            try fixture.write(
                """
                name: b
                steps:
                  - id: look
                    parallel:
                      - { id: one, agent: command, with: { command: "cat > x" }, writes: false, prompt: a }
                      - { id: two, run: "true", writes: false }

                """, to: beside)
            let both = try await fixture.runner("start", repository, "t", "--workflow", beside)
            #expect(both.status == 1 && both.err.contains("writes: false"), "\(both.err)")
        }
    }
}
