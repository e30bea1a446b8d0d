import Foundation
import Glibc
import Testing

@Suite("workers and what outlives them")
struct WorkerTests {
    private struct SessionJSON: Decodable {
        let processId: Int32
        let state: String
        let client: String
        let tasks: [Int]
    }

    private func daemon(_ fixture: RunnerFixture) async throws -> SessionJSON? {
        try await fixture.runner("sessions", "--json").json([SessionJSON].self)
            .first { $0.client == "serve" && $0.state == "serving" }
    }

    private func statuses(_ fixture: RunnerFixture) async throws -> [String] {
        try await fixture.runner("list", "--json").json([TaskRowJSON].self).map(\.status)
    }

    @Test("twenty steps of a killed daemon are adopted by the next, none is started again, no byte is lost")
    func adoption() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("serve", "--background", "--slots", "20").status == 0)
            let script = """
                echo start >> '\(fixture.root)/starts'
                seq 1 20000
                while [ ! -e '\(fixture.root)/go' ]; do sleep 0.1; done
                seq 20001 40000
                """
            for _ in 0..<20 {
                let started = try await fixture.runner("start", repository, script, "--workflow", "script", "--detach")
                #expect(started.status == 0, "\(started.err)")
            }
            let starts = fixture.root + "/starts"
            func lines() -> Int {
                FileManager.default.contents(atPath: starts)?.count { $0 == UInt8(ascii: "\n") } ?? 0
            }
            try await fixture.eventually("all steps run") { lines() == 20 }
            let first = try #require(try await daemon(fixture))
            #expect(first.tasks.count == 20)
            kill(first.processId, SIGKILL)
            try await fixture.eventually("another daemon has them all") {
                guard let next = try await daemon(fixture) else { return false }
                return next.processId != first.processId && next.tasks.count == 20
            }
            try fixture.write("", to: fixture.root + "/go")
            try await fixture.eventually("all have ended") {
                try await statuses(fixture) == Array(repeating: "completed", count: 20)
            }
            #expect(lines() == 20)
            let whole = (1...40000).map { "\($0)\n" }.joined()
            for task in 1...20 {
                let steps = try await fixture.runner("steps", String(task), "--json").json([StepJSON].self)
                #expect(steps.flatMap(\.attempts).map(\.status) == ["succeeded"])
                #expect(try await fixture.runner("log", String(task), "--raw").out == whole)
            }
        }
    }

    @Test("a daemon whose program was replaced under it, as by an upgrade, goes on working")
    func upgraded() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let folder = fixture.root + "/installed"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for name in ["runner", "runner-shim"] {
                try FileManager.default.copyItem(
                    atPath: RunnerFixture.build + "/" + name, toPath: folder + "/" + name)
            }
            let program = folder + "/runner"
            #expect(try await fixture.run(program, ["serve", "--background"]).status == 0)
            try FileManager.default.copyItem(atPath: program, toPath: program + ".new")
            try #require(rename(program + ".new", program) == 0)
            let started = try await fixture.run(
                program, ["start", repository, "true", "--workflow", "script", "--detach"])
            #expect(started.status == 0, "\(started.err)")
            try await fixture.eventually("the run has ended") { try await statuses(fixture) != ["queued"] }
            try await fixture.eventually("the run has ended") { try await statuses(fixture) != ["running"] }
            #expect(try await statuses(fixture) == ["completed"])
        }
    }

    @Test(
        "a daemon whose schema a newer program has changed leaves its runs to the next, and no step is started again",
        arguments: [false, true])
    func outgrown(stepEnds: Bool) async throws {
        try await RunnerFixture.with(["RUNNER_NO_GUARD": "1", "RUNNER_STORAGE": "local"]) { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("serve", "--background").status == 0)
            let (starts, go) = (fixture.root + "/starts", fixture.root + "/go")
            let script = "echo start >> '\(starts)'; while [ ! -e '\(go)' ]; do sleep 0.05; done; echo done > work"
            try await fixture.runner("start", repository, script, "--workflow", "script", "--detach")
            try await fixture.eventually("the step runs") { FileManager.default.fileExists(atPath: starts) }

            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            func execute(_ sql: String) async throws {
                let output = try await fixture.run("/usr/bin/psql", [place, "-qc", sql])
                #expect(output.status == 0, "\(output.err)")
            }
            try await execute(
                """
                insert into runner.schema_migrations (version, name, checksum, duration_ms)
                values (9999, 'later', repeat('0', 64), 0);
                alter function runner.finish_attempt rename to finish_attempt_later
                """)
            if stepEnds { try fixture.write("", to: go) }
            try await fixture.eventually("the daemon has ended") {
                fixture.processIDs { $0.contains(" serve") }.isEmpty
            }
            #expect(try await fixture.runner("list").err.contains("newer"))

            // As the newer program would find it.
            try await execute(
                """
                delete from runner.schema_migrations where version = 9999;
                alter function runner.finish_attempt_later rename to finish_attempt
                """)
            #expect(try await statuses(fixture) != ["failed"])
            #expect(try await fixture.runner("serve", "--background").status == 0)
            try fixture.write("", to: go)
            try await fixture.eventually("the run has ended") { try await statuses(fixture) == ["completed"] }
            #expect(try String(contentsOfFile: starts, encoding: .utf8) == "start\n")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.flatMap(\.attempts).map(\.status) == ["succeeded"])
        }
    }

    @Test(
        "a worker that a newer program has outgrown has the program started that stands there",
        arguments: [true, false])
    func successor(isDetached: Bool) async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let repository = try await fixture.makeRepository()
            let starts = fixture.root + "/starts"
            let script = "echo start >> '\(starts)'; while [ ! -e '\(fixture.root)/go' ]; do sleep 0.05; done"
            let detach = isDetached ? ["--detach"] : []
            async let started = fixture.run(
                RunnerFixture.build + "/runner", ["start", repository, script, "--workflow", "script"] + detach)
            try await fixture.eventually("the step runs") { FileManager.default.fileExists(atPath: starts) }
            if isDetached { #expect(try await started.status == 0) }
            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            let later =
                "insert into runner.schema_migrations (version, name, checksum, duration_ms)"
                + " values (9999, 'later', repeat('0', 64), 0)"
            #expect(try await fixture.run("/usr/bin/psql", [place, "-qc", later]).status == 0)
            let output = try await started
            if !isDetached {
                #expect(
                    output.status == 3 && output.err.contains("another worker goes on with task 1"), "\(output.err)")
            }
            // It is none that knows the schema, and says so.
            try await fixture.eventually("a daemon is started") {
                (try? String(contentsOfFile: fixture.home + "/serve.log", encoding: .utf8))?
                    .contains("use a newer runner") == true
            }
            try fixture.write("", to: fixture.root + "/go")
        }
    }

    @Test("however many daemons start by themselves, one stays")
    func oneDaemon() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local", "RUNNER_LEASE_SECONDS": "3"]) { fixture in
            let repository = try await fixture.makeRepository()
            let script = "while [ ! -e '\(fixture.root)/go' ]; do sleep 0.1; done"
            @Sendable func start(_ arguments: [String]) async throws {
                _ = try await fixture.run(
                    RunnerFixture.build + "/runner", ["start", repository, script, "--workflow", "script"] + arguments)
            }
            func count(_ word: String) -> Int {
                fixture.processIDs { $0.contains("/runner serve") && $0.contains("--guard") == (word == "guard") }.count
            }
            func settled() async throws {
                try await fixture.eventually("one daemon and one guard are left") {
                    (count("daemon"), count("guard")) == (1, 1)
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { try await start(["--detach"]) } }
                for _ in 0..<3 { group.addTask { try await start([]) } }
                try await fixture.eventually("all eight run") {
                    let listed = try await fixture.runner("list", "--json")
                    guard listed.status == 0 else { return false }
                    return try listed.json([TaskRowJSON].self).count { $0.status != "failed" } == 8
                }
                // The guard of each starts a daemon, while the database comes back as well.
                for pid in fixture.processIDs(where: { $0.contains("/runner start") }) { kill(pid, SIGKILL) }
                let lines = try String(
                    contentsOfFile: "\(fixture.home)/postgres/data/postmaster.pid", encoding: .utf8)
                kill(try #require(lines.split(separator: "\n").first.flatMap { pid_t($0) }), SIGKILL)
                try await group.waitForAll()
            }
            try await settled()
            // The one that dies is replaced, by one.
            kill(try #require(try await daemon(fixture)).processId, SIGKILL)
            try await fixture.eventually("another serves") { try await daemon(fixture) != nil }
            try await settled()
            // What this test counts would be seen.
            async let asked = fixture.runner("serve", "--idle-stop", "2s")
            try await fixture.eventually("one that was asked for serves beside it") { count("daemon") == 2 }
            try fixture.write("", to: fixture.root + "/go")
            try await fixture.eventually("all have ended") {
                try await statuses(fixture) == Array(repeating: "completed", count: 8)
            }
            #expect(try await asked.status == 0)
        }
    }

    @Test("a stopped worker is replaced when its lease is over, and does nothing more when it wakes")
    func stopped() async throws {
        try await RunnerFixture.with(["RUNNER_LEASE_SECONDS": "3", "RUNNER_NO_GUARD": "1"]) { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("serve", "--background").status == 0)
            let script = "echo a > a; while [ ! -e '\(fixture.root)/go' ]; do sleep 0.05; done; echo b > b"
            try await fixture.runner("start", repository, script, "--workflow", "script", "--detach")
            let first = try #require(try await daemon(fixture))
            try await fixture.eventually("the step runs") {
                try await fixture.runner("events", "1").out.contains("step.started")
            }
            kill(first.processId, SIGSTOP)
            let stopped = ContinuousClock.now
            async let second = fixture.runner("serve", "--idle-stop", "2s")
            try await fixture.eventually("the step is adopted") {
                try await fixture.runner("events", "1").out.contains("step.adopted")
            }
            // Not before the lease is over: a worker that only hangs for a moment keeps its runs.
            #expect(ContinuousClock.now - stopped > .milliseconds(1500))
            let events = try await fixture.runner("events", "1").out
            kill(first.processId, SIGCONT)
            // Long enough for several heartbeats of the woken worker.
            try await fixture.eventually("the woken worker has given the run up") {
                try await fixture.runner("sessions", "--json").json([SessionJSON].self)
                    .first { $0.processId == first.processId }?.tasks == []
            }
            #expect(try await fixture.runner("events", "1").out == events)
            try fixture.write("", to: fixture.root + "/go")
            try await fixture.eventually("the run has ended") { try await statuses(fixture) == ["completed"] }
            kill(first.processId, SIGTERM)
            #expect(try await second.status == 0)
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.flatMap(\.attempts).map(\.status) == ["succeeded"])
        }
    }

    @Test("a step that was killed is taken back and repeated, with what it had done kept beside")
    func interrupted() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let script = """
                echo more >> README.md; echo new > new
                if [ ! -e '\(fixture.root)/once' ]; then touch '\(fixture.root)/once'; kill -9 $$; fi
                """
            let started = try await fixture.runner("start", repository, script, "--workflow", "script")
            #expect(started.status == 0, "\(started.err)")
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.flatMap(\.attempts).map(\.status) == ["interrupted", "succeeded"])
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try await fixture.git("show", "HEAD:README.md", in: worktree) == "hello\nmore")
            #expect(try await fixture.git("status", "--porcelain", in: worktree).isEmpty)
            #expect(try await fixture.git("show", "refs/runner/1/1/script.1:new", in: worktree) == "new")
        }
    }

    @Test("a daemon that is told to stop leaves its steps running for the next one")
    func handover() async throws {
        try await RunnerFixture.with(["RUNNER_NO_GUARD": "1"]) { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await fixture.runner("serve", "--background").status == 0)
            let script = "echo x >> '\(fixture.root)/starts'; while [ ! -e '\(fixture.root)/go' ]; do sleep 0.05; done"
            try await fixture.runner("start", repository, script, "--workflow", "script", "--detach")
            try await fixture.eventually("the step runs") {
                FileManager.default.fileExists(atPath: fixture.root + "/starts")
            }
            let first = try #require(try await daemon(fixture))
            kill(first.processId, SIGTERM)
            try await fixture.eventually("it has ended") { kill(first.processId, 0) != 0 }
            #expect(try await statuses(fixture) == ["queued"])
            #expect(try await fixture.runner("serve", "--background").status == 0)
            try await fixture.eventually("the next has it") { try await statuses(fixture) == ["running"] }
            try fixture.write("", to: fixture.root + "/go")
            try await fixture.eventually("the run has ended") { try await statuses(fixture) == ["completed"] }
            #expect(FileManager.default.contents(atPath: fixture.root + "/starts")?.count == 2)
        }
    }

    @Test("a spare worktree that a start took is replaced soon, not with the next round")
    func spares() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            func spares() -> [String] {
                let folders = "\(fixture.home)/spares"
                let names = (try? FileManager.default.subpathsOfDirectory(atPath: folders)) ?? []
                return names.filter { $0.hasSuffix("/README.md") }
            }
            try await fixture.runner("start", repository, "true", "--workflow", "script")
            #expect(try await fixture.runner("serve", "--background").status == 0)
            try await fixture.eventually("there is a spare") { !spares().isEmpty }
            let begin = ContinuousClock.now
            for round in 1...4 {
                let before = spares()
                let started = try await fixture.runner("start", repository, "true", "--workflow", "script", "--detach")
                #expect(started.status == 0, "\(started.err)")
                try await fixture.eventually("the spare of round \(round) is replaced") {
                    let now = spares()
                    return !now.isEmpty && now != before
                }
            }
            // Rounds are 15 seconds apart.
            #expect(ContinuousClock.now - begin < .seconds(30))
        }
    }

    @Test("a repository that nobody starts tasks in keeps no spare worktree, unless its settings ask for one")
    func idleSpares() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            func hasSpare(_ file: String) -> Bool {
                let names = (try? FileManager.default.subpathsOfDirectory(atPath: fixture.home + "/spares")) ?? []
                return names.contains { $0.hasSuffix("/" + file) }
            }
            let names = ["asked", "idle", "used"]
            for name in names {
                let repository = try await fixture.makeRepository(name, files: [name + ".txt": "x\n"])
                #expect(try await fixture.runner("repo", "add", repository).status == 0)
            }
            #expect(try await fixture.runner("repo", "update", "asked", "--spares", "1").status == 0)
            #expect(try await fixture.runner("serve", "--background").status == 0)
            try await fixture.eventually("all have spares") { names.allSatisfy { hasSpare($0 + ".txt") } }
            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            let old = "update runner.repositories set fetched_at = now() - interval '15 days' where name <> 'used'"
            #expect(try await fixture.run("/usr/bin/psql", [place, "-qc", old]).status == 0)
            try await fixture.eventually("the idle one's goes") { !hasSpare("idle.txt") }
            #expect(hasSpare("asked.txt") && hasSpare("used.txt"))
        }
    }
}
