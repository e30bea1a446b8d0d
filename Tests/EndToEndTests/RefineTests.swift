import Foundation
import Testing

@Suite("refining the texts of a batch")
struct RefineTests {
    private struct ItemJSON: Decodable {
        let item: Int
        let status: String
        let title: String
        let text: String
        let refined: String?
        let isAccepted: Bool
    }

    private struct ViewJSON: Decodable {
        let items: [ItemJSON]
    }

    private func items(_ fixture: RunnerFixture) async throws -> [ItemJSON] {
        try await fixture.runner("batch", "show", "1", "--json").json(ViewJSON.self).items
    }

    @Test("an agent's version is kept beside each text, and counts only where it was accepted")
    func refine() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let log = fixture.root + "/log"
            let made = try await fixture.runner(
                "batch", "start", repository, "-w", "script", "--tasks", "-", "--hold",
                input: "echo one >> '\(log)'\necho two >> '\(log)'\necho three >> '\(log)'\n")
            #expect(made.status == 0, "\(made.err)")
            #expect(try await fixture.runner("batch", "refine", "1", "--accept").status == 3)
            // The agent says the last line of its prompt, which is the text, in capitals but for the command.
            try fixture.installRecordedAgent(
                "sed -n '/^echo/p' | tail -n 1 | sed 's/one/ONE/; s/two/TWO/; s/three/THREE/'\n")
            let refined = try await fixture.runner("batch", "refine", "1", "--agent", "claude", "--width", "2")
            #expect(refined.status == 0, "\(refined.err)")
            #expect(refined.out.contains("item 1, not accepted") && refined.out.contains("ONE"), "\(refined.out)")
            var now = try await items(fixture)
            #expect(now.map(\.refined) == ["ONE", "TWO", "THREE"].map { "echo \($0) >> '\(log)'" })
            #expect(now.allSatisfy { $0.status == "pending" && !$0.isAccepted && $0.text.contains("echo") })
            #expect(try await fixture.runner("batch", "refine", "1", "9", "--accept").status == 3)
            #expect(try await fixture.runner("batch", "refine", "1", "2").status == 2)
            let accepted = try await fixture.runner("batch", "refine", "1", "1", "3", "--accept")
            #expect(accepted.status == 0 && accepted.err.contains("2 refined texts accepted"), "\(accepted.err)")
            now = try await items(fixture)
            #expect(now.map(\.isAccepted) == [true, false, true] && now[0].title.contains("ONE"))
            #expect(try await fixture.runner("batch", "show", "1", "--refined").out.contains("item 3, accepted"))
            #expect(try await fixture.runner("batch", "resume", "1").status == 0)
            #expect(try String(contentsOfFile: log, encoding: .utf8) == "ONE\ntwo\nTHREE\n")
            // Now it is too late.
            let late = try await fixture.runner("batch", "refine", "1", "2", "--accept")
            #expect(late.status == 3 && late.err.contains("has begun already"), "\(late.err)")
            #expect(try await fixture.runner("batch", "refine", "1", "--command", "cat").status == 3)
        }
    }
}
