import Foundation
import Testing

@Suite("projects and the board")
struct ProjectTests {
    private struct ProjectJSON: Decodable {
        let name: String
        let workflow: String?
        let repositories: [String]
    }

    private struct ColumnJSON: Decodable {
        let name: String
        let tasks: [TaskRowJSON]
    }

    @Test("a repository without settings of its own uses its project's workflow and set-up")
    func defaults() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository("one")
            let other = try await fixture.makeRepository("two")
            for path in [repository, other] { try await fixture.runner("repo", "add", path) }
            let added = try await fixture.runner(
                "project", "add", "team", "--workflow", "script", "--setup", "echo ready > set-up", "-r", "one", "-r",
                "two",
                "--description", "ours", "--json")
            #expect(added.status == 0, "\(added.err)")
            let project = try added.json(ProjectJSON.self)
            #expect(project.workflow == "script" && project.repositories == ["one", "two"])
            let started = try await fixture.runner("start", "one", "cat set-up > seen")
            #expect(started.status == 0, "\(started.err)")
            let path = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try String(contentsOfFile: path + "/seen", encoding: .utf8) == "ready\n")
            // What the repository says itself wins, and stays its own.
            try await fixture.runner("repo", "update", "one", "--workflow", "demo")
            #expect(try await fixture.runner("start", "one", "x", "--no-setup").status == 0)
            #expect(try await fixture.runner("show", "2").out.contains("workflow demo"))
            #expect(try await !fixture.runner("repo", "show", "two", "--json").out.contains("set-up"))
            let changed = try await fixture.runner(
                "project", "set", "team", "--name", "crew", "--workflow", "", "--without", "two", "--json")
            #expect(try changed.json(ProjectJSON.self).repositories == ["one"], "\(changed.err)")
            #expect(try await fixture.runner("project", "show", "crew").out.contains("ours"))
            #expect(try await fixture.runner("project", "list", "--quiet").out == "crew\n")
            for (arguments, status) in [
                (["show", "team"], 3), (["add", "crew"], 3), (["add", "bad name"], 2), (["add", ""], 2),
                (["set", "crew", "--agent", "nobody"], 3), (["set", "crew", "--workflow", "nothing"], 3),
                (["set", "crew", "-r", "three"], 3), (["set", "crew", "--without", "two"], 3),
                (["set", "crew", "--dependency", "x"], 2),
            ] {
                let refused = try await fixture.run(RunnerFixture.build + "/runner", ["project"] + arguments)
                #expect(refused.status == status && !refused.err.isEmpty, "\(arguments): \(refused.err)")
            }
            #expect(try await fixture.runner("project", "remove", "crew").status == 0)
            #expect(try await fixture.runner("repo", "list", "--quiet").out == "one\ntwo\n")
        }
    }

    @Test("the board groups by stage or state, fits a width, and is plain in a pipe")
    func board() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository("one")
            let other = try await fixture.makeRepository("two")
            #expect(try await fixture.runner("board").out == "")
            for (path, text, title) in [
                (repository, "true", "a title that is far too long for a narrow column"),
                (repository, "false", "breaks"),
                (other, "true", "読み込みが遅い問題を直す"),
            ] {
                try await fixture.runner("start", path, text, "-w", "script", "--title", title)
            }
            try await fixture.runner("project", "add", "team", "-r", "one")
            let columns = try await fixture.runner("board", "--json").json([ColumnJSON].self)
            #expect(columns.map(\.name) == ["work", "done"])
            #expect(columns.map { $0.tasks.map(\.number) } == [[2], [3, 1]])
            let states = try await fixture.runner("board", "team", "--by", "status", "--json").json([ColumnJSON].self)
            #expect(states.map(\.name) == ["completed", "failed"] && states[0].tasks.map(\.number) == [1])
            let plain = try await fixture.runner("board").out
            #expect(
                plain.contains("WORK 1\n  2  failed  breaks\n") && plain.contains("far too long for a narrow column\n"))
            let wide = try await fixture.runner("board", "--width", "60").out
            #expect(wide.split(separator: "\n")[0].hasPrefix("WORK 1 ") && wide.contains("✗ 2 breaks"))
            #expect(wide.split(separator: "\n").allSatisfy { $0.count <= 60 } && wide.contains("…"))
            let narrow = try await fixture.runner("board", "--width", "24", "--limit", "1").out
            #expect(narrow.contains("… 1 more") && narrow.split(separator: "\n").allSatisfy { $0.count <= 24 })
            #expect(try await fixture.runner("board", "nobody").status == 3)
        }
    }
}
