import Foundation
import Glibc
import Testing

@Suite("batches")
struct BatchTests {
    private struct BatchJSON: Decodable {
        let number: Int
        let status: String
        let total: Int
        let completed: Int
        let failed: Int
        let processing: Int
    }

    private struct ItemJSON: Decodable {
        let item: Int
        let status: String
        let title: String
        let task: Int?
        let error: String?
    }

    private struct ViewJSON: Decodable {
        let batch: BatchJSON
        let items: [ItemJSON]
    }

    private func show(_ fixture: RunnerFixture, _ number: Int = 1) async throws -> ViewJSON {
        try await fixture.runner("batch", "show", "\(number)", "--json").json(ViewJSON.self)
    }

    private func lines(_ path: String) -> [String] {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    @Test("what waits for a person is told while a batch is at work")
    func decision() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write(
                "name: asks\nsteps: [{ id: gate, approval: 'Is it right?' }, { id: a, run: 'true' }]\n",
                to: fixture.root + "/asks.yaml")
            try fixture.write("one\n", to: fixture.root + "/tasks.txt")
            async let batch = fixture.runner(
                "batch", "start", repository, "-w", fixture.root + "/asks.yaml", "--tasks", fixture.root + "/tasks.txt")
            try await fixture.eventually("it can be approved") {
                try await fixture.runner("approve", "1").status == 0
            }
            let done = try await batch
            #expect(done.status == 0, "\(done.err)")
            #expect(done.err.contains("item 1/1  gate waits for a decision: Is it right?"), "\(done.err)")
            #expect(done.err.contains("runner approve 1"))
        }
    }

    @Test("in sequence each item gets a worktree of its own, in order, and the status is 0 only when all completed")
    func sequence() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let log = fixture.root + "/log"
            let tasks = (1...4).map { "echo \($0) >> '\(log)'; echo \($0) > f" }.joined(separator: "\r\n")
            try fixture.write("\u{FEFF}\(tasks)\r\n\r\n", to: fixture.root + "/tasks.txt")
            let done = try await fixture.runner(
                "batch", "start", repository, "-w", "script", "--tasks", fixture.root + "/tasks.txt", "--label", "b")
            #expect(done.status == 0 && done.out == "1\n", "\(done.err)")
            #expect(done.err.contains("batch 1 completed: 4 of 4 completed"), "\(done.err)")
            #expect(lines(log) == ["1", "2", "3", "4"])
            let view = try await show(fixture)
            #expect(view.batch.status == "completed" && view.items.map(\.task) == [1, 2, 3, 4])
            for task in 1...4 {
                let path = try await fixture.runner("path", "\(task)").out.trimmingCharacters(in: .newlines)
                #expect(lines(path + "/f") == ["\(task)"])
            }
            #expect(try await fixture.runner("batch", "list").out.contains("4/4"))
            #expect(try await fixture.runner("batch", "show", "1").out.contains("4 of 4 completed"))
            let again = try await fixture.runner("batch", "resume", "1")
            #expect(again.status == 3 && again.err.contains("nothing to go on with"))
            #expect(try await fixture.runner("batch", "show", "7").status == 3)
        }
    }

    @Test("a failure stops the rest where that is asked for; resume goes on where it stopped, in the same worktree")
    func failure() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let log = fixture.root + "/log"
            let failing = "echo two >> '\(log)'; test -e '\(fixture.root)/ok'"
            let json = try JSONEncoder().encode([
                ["text": "echo one >> '\(log)'", "title": "first"], ["text": failing, "title": "second"],
                ["text": "echo three >> '\(log)'", "title": "third"],
            ])
            let failed = try await fixture.runner(
                "batch", "start", repository, "-w", "script", "--tasks", "-", "--stop-on-failure", "--json",
                input: String(decoding: json, as: UTF8.self))
            let view = try failed.json(ViewJSON.self)
            #expect(failed.status == 1 && view.batch.status == "failed" && view.batch.failed == 1, "\(failed.err)")
            #expect(view.items.map(\.status) == ["completed", "failed", "skipped"])
            #expect(view.items.map(\.title) == ["first", "second", "third"] && view.items[2].task == nil)
            try fixture.write("", to: fixture.root + "/ok")
            let resumed = try await fixture.runner("batch", "resume", "1")
            #expect(resumed.status == 0, "\(resumed.err)")
            #expect(lines(log) == ["one", "two", "two", "three"])
            #expect(try await show(fixture).items.map(\.task) == [1, 2, 3])
        }
    }

    @Test("side by side, with inputs from CSV; an interrupt cancels what runs and what has not begun")
    func width() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let log = fixture.root + "/log"
            try fixture.write(
                """
                name: greet
                inputs: { who: { description: "Whom", required: true } }
                steps:
                  - id: greet
                    run: |
                      echo "$RUNNER_INPUT_WHO" >> '\(log)'
                      while [ ! -e '\(fixture.root)/go' ]; do sleep 0.05; done

                """, to: fixture.root + "/greet.yaml")
            try fixture.write("text,input.who\na,ann\nb,bob\nc,cy\nd,di\n", to: fixture.root + "/t.csv")
            let arguments = [
                "batch", "start", repository, "-w", fixture.root + "/greet.yaml", "--tasks", fixture.root + "/t.csv",
                "--width", "2",
            ]
            async let first = fixture.run(RunnerFixture.build + "/runner", arguments)
            try await fixture.eventually("two are at work") { lines(log).count == 2 }
            #expect(try await show(fixture).batch.processing == 2)
            for pid in fixture.processIDs(where: { $0.contains("batch start") }) { kill(pid, SIGINT) }
            let interrupted = try await first
            #expect(interrupted.status == 130, "\(interrupted.err)")
            let view = try await show(fixture)
            #expect(view.batch.status == "cancelled" && view.items.allSatisfy { $0.status == "cancelled" })
            #expect(view.items.map { $0.task == nil } == [false, false, true, true])
            try fixture.write("", to: fixture.root + "/go")
            let resumed = try await fixture.runner("batch", "resume", "1", "--detach")
            #expect(resumed.status == 0, "\(resumed.err)")
            try await fixture.eventually("the daemon works it through") {
                try await show(fixture).batch.status == "completed"
            }
            #expect(lines(log).sorted() == ["ann", "ann", "bob", "bob", "cy", "di"])
            // What an item lacks is found before anything is made.
            try fixture.write("text,input.who\na,ann\nb,\n", to: fixture.root + "/t.csv")
            let refused = try await fixture.run(RunnerFixture.build + "/runner", arguments)
            #expect(refused.status == 2 && refused.err.contains("line 3"), "\(refused.err)")
            #expect(try await fixture.runner("batch", "list", "--json").json([BatchJSON].self).count == 1)
        }
    }

    @Test("kill -9 of the command, then of the daemon that goes on: every item still runs, once")
    func killed() async throws {
        try await RunnerFixture.with(["RUNNER_LEASE_SECONDS": "3"]) { fixture in
            let repository = try await fixture.makeRepository()
            let log = fixture.root + "/log"
            let tasks = (1...5).map {
                "echo \($0) >> '\(log)'; while [ ! -e '\(fixture.root)/go\($0)' ]; do sleep 0.05; done"
            }
            try fixture.write(tasks.joined(separator: "\n"), to: fixture.root + "/t")
            async let first = fixture.runner(
                "batch", "start", repository, "-w", "script", "--tasks", fixture.root + "/t")
            try await fixture.eventually("the first is at work") { lines(log).count == 1 }
            for pid in fixture.processIDs(where: { $0.contains("batch start") }) { kill(pid, SIGKILL) }
            _ = try await first
            try fixture.write("", to: fixture.root + "/go1")
            try await fixture.eventually("somebody goes on") { lines(log).count == 2 }
            let daemons = fixture.processIDs { $0.contains("/runner serve") && !$0.contains("--guard") }
            #expect(!daemons.isEmpty)
            for pid in daemons { kill(pid, SIGKILL) }
            for item in 2...5 { try fixture.write("", to: fixture.root + "/go\(item)") }
            try await fixture.eventually("all have completed") {
                try await show(fixture).batch.status == "completed"
            }
            #expect(lines(log) == ["1", "2", "3", "4", "5"])
        }
    }

    @Test("a batch goes on when the database is killed under it, and runs each item once")
    func databaseKilled() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local", "RUNNER_LEASE_SECONDS": "5"]) { fixture in
            let repository = try await fixture.makeRepository()
            let log = fixture.root + "/log"
            let tasks = (1...6).map {
                "echo \($0) >> '\(log)'; while [ ! -e '\(fixture.root)/go\($0)' ]; do sleep 0.05; done"
            }
            async let started = fixture.runner(
                "batch", "start", repository, "-w", "script", "--tasks", "-", "--width", "2",
                input: tasks.joined(separator: "\n"))
            for item in 1...6 {
                try await fixture.eventually("item \(item) is at work") { lines(log).contains("\(item)") }
                if item.isMultiple(of: 2) {
                    let pid = try String(
                        contentsOfFile: "\(fixture.home)/postgres/data/postmaster.pid", encoding: .utf8)
                    kill(try #require(pid.split(separator: "\n").first.flatMap { pid_t($0) }), SIGKILL)
                }
                try fixture.write("", to: "\(fixture.root)/go\(item)")
            }
            let done = try await started
            #expect(done.status == 0, "\(done.err)")
            #expect(lines(log).sorted() == ["1", "2", "3", "4", "5", "6"])
            #expect(try await show(fixture).batch.status == "completed")
        }
    }

    @Test("a held batch begins when it is resumed; another command cancels one that is at work")
    func held() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let wait = "touch '\(fixture.root)/on'; while [ ! -e '\(fixture.root)/go' ]; do sleep 0.05; done\ntrue"
            let made = try await fixture.runner(
                "batch", "start", repository, "-w", "script", "--tasks", "-", "--hold", input: wait)
            #expect(made.status == 0 && made.out == "1\n", "\(made.err)")
            #expect(try await show(fixture).items.map(\.status) == ["pending", "pending"])
            #expect(try await fixture.runner("list", "--quiet").out == "")
            async let resumed = fixture.runner("batch", "resume", "1")
            try await fixture.eventually("it is at work") {
                FileManager.default.fileExists(atPath: fixture.root + "/on")
            }
            let cancelled = try await fixture.runner("batch", "cancel", "1")
            #expect(cancelled.status == 0 && cancelled.err.contains("was cancelled"), "\(cancelled.err)")
            #expect(try await resumed.status == 130)
            #expect(try await fixture.runner("batch", "cancel", "1").status == 3)
            #expect(try await fixture.runner("list", "--json").json([TaskRowJSON].self).map(\.status) == ["cancelled"])
        }
    }

    @Test("files that cannot be used are refused with one sentence, and nothing is made")
    func refusals() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            try fixture.write("text,bad\n", to: fixture.root + "/bad.csv")
            for (arguments, input, status, word) in [
                (["--tasks", "-"], "", 3, "there is no task"), (["--tasks", fixture.root], "", 3, "is a folder"),
                (["--tasks", fixture.root + "/none"], "", 3, "there is no file"),
                (["--tasks", fixture.root + "/bad.csv"], "", 3, "no column"),
                (["--tasks", "-", "--format", "json"], "x", 3, "no JSON"),
                (["--tasks", "-", "--width", "0"], "x", 2, "--width"),
                (["--tasks", "-", "--hold", "-d"], "x", 2, "exclude"),
                ([], "x", 2, "--tasks"), (["--tasks", "-", "-w", "nothing"], "x", 3, "no workflow"),
            ] {
                let output = try await fixture.run(
                    RunnerFixture.build + "/runner",
                    ["batch", "start", repository, "--workflow", "script"] + arguments,
                    input: input)
                #expect(output.status == status && output.err.contains(word), "\(arguments): \(output.err)")
            }
            #expect(try await fixture.runner("batch", "list", "--json").out == "[\n\n]\n")
        }
    }
}
