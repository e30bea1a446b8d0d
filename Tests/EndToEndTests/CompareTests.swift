import Foundation
import Testing

@Suite("runner compare")
struct CompareTests {
    private struct Check: Decodable {
        let step: String
        let status: String
        let exitCode: Int?
    }
    private struct Row: Decodable {
        let task: Int
        let status: String
        let filesChanged: Int?
        let insertions: Int?
        let deletions: Int?
        let checks: [Check]
        let attempts: Int
    }

    @Test("what was added afterwards counts too, and the checks of before stay")
    func rewound() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["a.txt": "1\n"])
            try fixture.write(TellTests.claude, to: fixture.root + "/bin/claude", mode: 0o755)
            try fixture.write(
                "name: two\nsteps:\n  - id: work\n    agent: claude\n    prompt: '{{ task.prompt }}'\n"
                    + "  - id: check\n    run: test -e hello.txt\n", to: fixture.root + "/two.yaml")
            let extra = ["PATH": fixture.root + "/bin:" + (fixture.variables["PATH"] ?? "")]
            for _ in 1...2 {
                let started = try await fixture.runner(
                    "start", repository, "greet", "-w", fixture.root + "/two.yaml", extra: extra)
                #expect(started.status == 0, "\(started.err)")
            }
            #expect(try await fixture.runner("tell", "1", "Thanks.", extra: extra).status == 0)
            let rows = try await fixture.runner("compare", "1", "2", "--json").json([Row].self)
            #expect(rows.map(\.attempts) == [3, 2])
            #expect(rows.map { $0.checks.map(\.step) } == [["check"], ["check"]])
        }
    }

    @Test("tasks stand side by side with their changes and checks")
    func sideBySide() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository(files: ["a.txt": "1\n2\n"])
            let file = fixture.root + "/w.yaml"
            try fixture.write(
                """
                name: w
                steps:
                  - id: edit
                    run: bash "$RUNNER_TASK_PROMPT_FILE"
                  - id: check
                    run: test "$(wc -l < a.txt)" = 1
                """, to: file)
            #expect(try await fixture.runner("start", repository, "echo x > a.txt", "-w", file).status == 0)
            #expect(try await fixture.runner("start", repository, "echo b > b.txt", "-w", file).status == 1)
            let rows = try await fixture.runner("compare", "2", "1", "2", "--json").json([Row].self)
            #expect(rows.map(\.task) == [2, 1] && rows.map(\.status) == ["failed", "completed"])
            #expect(rows.map(\.filesChanged) == [1, 1] && rows.map(\.insertions) == [1, 1])
            #expect(rows.map(\.deletions) == [0, 2] && rows.map(\.attempts) == [2, 2])
            #expect(rows[0].checks.map(\.status) == ["succeeded", "failed"] && rows[0].checks[1].exitCode == 1)
            let text = try await fixture.runner("compare", "1", "2")
            #expect(text.out.contains("TASK 1") && text.out.contains("check check"), "\(text.out)")
            #expect(text.out.contains("failed (exit 1)"), "\(text.out)")
            #expect(try await fixture.runner("compare", "1").status == 2)
            #expect(try await fixture.runner("compare", "1", "1").status == 2)
            #expect(try await fixture.runner("compare", "1", "9").status == 3)
        }
    }
}
