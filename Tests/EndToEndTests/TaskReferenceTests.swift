import Testing

@Suite("how a task is named")
struct TaskReferenceTests {
    private static let sentence = "a task is named by its number, from 1 on"

    @Test("what is no number is one sentence of every command that takes a task, a number below zero too")
    func commands() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("start", repository, "true", "--workflow", "script").status == 0)
            let commands: [[String]] = [
                ["show"], ["steps"], ["tools"], ["log"], ["diff"], ["events"], ["path"], ["push"], ["apply"],
                ["cancel"],
                ["retry"], ["takeover"], ["approve"], ["reject"], ["clean"], ["restore"],
                ["snapshots"],
                ["env", "show"], ["env", "lock"], ["env", "unlock"], ["artifact", "list"], ["compare", "1"],
            ]
            for command in commands {
                for text in ["-1", "1.5"] {
                    let output = try await fixture.run(RunnerFixture.build + "/runner", command + [text])
                    #expect(
                        output.status == 2 && output.err.contains("\"\(text)\" is no task: \(Self.sentence)\n")
                            && output.out.isEmpty, "\(command) \(text): \(output)")
                }
            }
            // Those that need more than a task.
            for more in [
                ["tell", "-1", "go on"], ["keep", "-1", "--forever"], ["fork", "-1"], ["replay", "-1"],
                ["rewind", "-1", "--to", "a"],
            ] {
                let output = try await fixture.run(RunnerFixture.build + "/runner", more)
                #expect(output.status == 2 && output.err.contains("\"-1\" is no task"), "\(more): \(output.err)")
            }
            let batch = try await fixture.runner("batch", "show", "-1")
            #expect(batch.status == 2 && batch.err.contains("\"-1\" is no batch"), "\(batch.err)")
            // An option's number is no task, and an option that is none is told as that.
            #expect(try await fixture.runner("retry", "1", "--budget", "-1").err.contains("is no task") == false)
            #expect(try await fixture.runner("show", "--frobnicate").err.contains("is no task") == false)
            #expect(try await fixture.runner("list", "-1").err.contains("is no task") == false)
        }
    }

    @Test("blanks and a number sign count for nothing; a number that no task has is refused with what to do")
    func spellings() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("start", repository, "true", "--workflow", "script").status == 0)
            for text in ["1", "#1", " 1 ", "\t#1\n", "001"] {
                let shown = try await fixture.runner("show", "--quiet", text)
                #expect(shown.status == 0 && shown.out == "1\n", "\(text): \(shown)")
            }
            for text in ["0", "3", "#3", "99999999999999999999", "#99999999999999999999"] {
                let none = try await fixture.runner("show", text)
                #expect(none.status == 3 && none.err.contains("there is no task \"\(text)\""), "\(text): \(none.err)")
                #expect(none.err.contains("runner list"), "\(none.err)")
            }
            for text in ["", " ", "#", "+1", "1,2", "1e3x", "#beef", "abc", "−1", "-0", "one", "#-1", "１"] {
                let wrong = try await fixture.runner("show", "--json", text)
                #expect(
                    wrong.status == 2 && wrong.err.contains("is no task: \(Self.sentence)"), "\(text): \(wrong.err)")
            }
        }
    }
}
