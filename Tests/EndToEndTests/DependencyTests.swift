import Foundation
import Glibc
import Testing

@Suite("tasks that wait for others")
struct DependencyTests {
    private struct RowJSON: Decodable {
        let number: Int
        let status: String
        let waitsFor: [Int]
        let priority: Int
        let labels: [String]
        let stage: String?
        let error: String?
    }

    private func rows(_ fixture: RunnerFixture) async throws -> [RowJSON] {
        try await fixture.runner("list", "--json").json([RowJSON].self).sorted { $0.number < $1.number }
    }

    @Test("a task begins after the tasks that it names, here and in the background, and says what it waits for")
    func order() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let log = fixture.root + "/log"
            func start(_ name: String, _ wait: String, _ options: String...) async throws -> RunnerFixture.Output {
                let script = "while [ ! -e '\(fixture.root)/\(wait)' ]; do sleep 0.05; done; echo \(name) >> '\(log)'"
                return try await fixture.run(
                    RunnerFixture.build + "/runner", ["start", repository, script, "-w", "script"] + options)
            }
            try fixture.write("", to: fixture.root + "/now")
            #expect(try await start("first", "go", "--detach").status == 0)
            #expect(
                try await start("second", "now", "--detach", "--after", "1", "--priority", "5", "--label", "x").status
                    == 0)
            let third = try await start("third", "now", "-d", "--after", "1", "--after", "#2", "--stage", "later")
            #expect(third.status == 0 && third.err.contains("waiting for tasks 1, 2"), "\(third.err)")
            async let foreground = start("fourth", "now", "--after", "3")
            try await fixture.eventually("the fourth task waits") { try await rows(fixture).count == 4 }
            let all = try await rows(fixture)
            #expect(all.map(\.waitsFor) == [[], [1], [1, 2], [3]] && all[1].priority == 5 && all[1].labels == ["x"])
            #expect(all[1...].allSatisfy { $0.status == "waiting" } && all[2].stage == "later")
            #expect(try await fixture.runner("list").out.contains("waiting for 1, 2"))
            #expect(try await fixture.runner("show", "3").out.contains("waiting for 1, 2"))
            // What waits has no process.
            #expect(fixture.processIDs { $0.contains("/attempts/") }.count <= 2)
            try fixture.write("", to: fixture.root + "/go")
            let last = try await foreground
            #expect(last.status == 0 && last.out == "4\n", "\(last.err)")
            #expect(try String(contentsOfFile: log, encoding: .utf8) == "first\nsecond\nthird\nfourth\n")
            #expect(try await rows(fixture).allSatisfy { $0.status == "completed" && $0.waitsFor == [] })
        }
    }

    @Test("a failure cancels those that wait for it with a sentence, but for those that take any end")
    func failure() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let failing = "while [ ! -e '\(fixture.root)/go' ]; do sleep 0.05; done; exit 3"
            try await fixture.runner("start", repository, failing, "-w", "script", "--detach")
            async let waiting = fixture.runner("start", repository, "true", "-w", "script", "--after", "1")
            try await fixture.eventually("it waits") { try await rows(fixture).count == 2 }
            try await fixture.runner("start", repository, "true", "-w", "script", "-d", "--after", "2")
            async let any = fixture.runner("start", repository, "true", "-w", "script", "--after", "2", "--after-any")
            try await fixture.eventually("they wait") { try await rows(fixture).count == 4 }
            try fixture.write("", to: fixture.root + "/go")
            let cancelled = try await waiting
            #expect(cancelled.status == 130 && cancelled.err.contains("not run, because task 1 failed"))
            #expect(try await any.status == 0)
            let all = try await rows(fixture)
            #expect(all.map(\.status) == ["failed", "cancelled", "cancelled", "completed"])
            #expect(all[2].error == "not run, because task 2 was cancelled")
            // What has failed before is no different, and a retry does not wait.
            let late = try await fixture.runner("start", repository, "true", "-w", "script", "--after", "1")
            #expect(late.status == 130 && late.err.contains("not run, because task 1 failed"), "\(late.err)")
            #expect(try await fixture.runner("retry", "5").status == 0)
        }
    }

    @Test("a task whose waiting command is killed goes on by itself; unknown tasks and wrong numbers are refused")
    func killed() async throws {
        try await RunnerFixture.with(["RUNNER_LEASE_SECONDS": "3"]) { fixture in
            let repository = try await fixture.makeRepository()
            let script = "while [ ! -e '\(fixture.root)/go' ]; do sleep 0.05; done"
            try await fixture.runner("start", repository, script, "-w", "script", "--detach")
            async let waiting = fixture.runner("start", repository, "true", "-w", "script", "--after", "1")
            try await fixture.eventually("it waits") { try await rows(fixture).count == 2 }
            for pid in fixture.processIDs(where: { $0.contains("--after") }) { kill(pid, SIGKILL) }
            _ = try await waiting
            try fixture.write("", to: fixture.root + "/go")
            try await fixture.eventually("both have completed") {
                try await rows(fixture).allSatisfy { $0.status == "completed" }
            }
            for (options, status) in [
                (["--after", "99"], 3), (["--after", "x"], 2), (["--after-any"], 2), (["--priority", "1001"], 2),
                (["--stage", ""], 2),
            ] {
                let refused = try await fixture.run(
                    RunnerFixture.build + "/runner", ["start", repository, "true", "-w", "script"] + options)
                #expect(refused.status == status && !refused.err.isEmpty, "\(options): \(refused.err)")
            }
            #expect(try await rows(fixture).count == 2)
        }
    }
}
