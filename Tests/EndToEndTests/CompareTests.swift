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
