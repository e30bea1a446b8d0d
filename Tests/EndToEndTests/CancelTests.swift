import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

@Suite("cancelling and crashing")
struct CancelTests {
    private static let waiting =
        "echo before > before.txt; touch \"$GO\"; while [ -e \"$GO\" ]; do sleep 0.05; done; echo after > after.txt"

    private func script(_ fixture: RunnerFixture) -> String {
        CancelTests.waiting.replacingOccurrences(of: "$GO", with: fixture.root + "/go")
    }

    @Test("runner cancel ends a run from another shell, keeps its work, and retry goes on")
    func cancel() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            async let started = fixture.runner("start", repository, script(fixture), "--workflow", "script")
            try await fixture.eventually("the step runs") {
                FileManager.default.fileExists(atPath: fixture.root + "/go")
            }
            let cancelled = try await fixture.runner("cancel", "1")
            #expect(cancelled.status == 0, "\(cancelled.err)")
            let output = try await started
            #expect(output.status == 130, "\(output.err)")
            #expect(output.err.contains("runner retry 1"))
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(FileManager.default.fileExists(atPath: worktree + "/before.txt"))
            try FileManager.default.removeItem(atPath: fixture.root + "/go")
            async let retried = fixture.runner("retry", "1")
            try await fixture.eventually("the step runs again") {
                FileManager.default.fileExists(atPath: fixture.root + "/go")
            }
            try FileManager.default.removeItem(atPath: fixture.root + "/go")
            #expect(try await retried.status == 0)
            #expect(FileManager.default.fileExists(atPath: worktree + "/after.txt"))
        }
    }

    @Test("a wish to cancel that comes while a failed attempt is recorded does not wait for the next one's time")
    func whileSaving() async throws {
        try await RunnerFixture.with(["RUNNER_STORAGE": "local"]) { fixture in
            let repository = try await fixture.makeRepository()
            let place = "host='\(fixture.home)/postgres/run' user=runner dbname=runner"
            // Without the trigger that tells the worker, which would hear of it in time.
            let workflow = """
                name: passing
                steps:
                  - id: fails
                    max-attempts: 5
                    agent: command
                    prompt: do it
                    with: { command: "sh '\(fixture.root)/fail.sh'" }
                """
            let wish = "set session_replication_role = replica; update runner.runs set cancel_requested_at = now()"
            try fixture.write("psql \"\(place)\" -qc '\(wish)'; exit 75\n", to: fixture.root + "/fail.sh")
            try fixture.write(workflow, to: fixture.root + "/flow.yaml")
            let started = try await fixture.runner(
                "start", repository, "task", "--workflow", fixture.root + "/flow.yaml")
            #expect(started.status == 130, "\(started.err)")
            let sql = """
                select extract(epoch from r.finished_at - a.finished_at) from runner.runs r, runner.step_attempts a
                order by a.number limit 1
                """
            let answer = try await fixture.run("/usr/bin/psql", [place, "-qtAc", sql])
            // The next attempt would be due after five seconds.
            let seconds = try #require(Double(answer.out.trimmingCharacters(in: .newlines)), "\(answer.out)")
            #expect(seconds < 4)
        }
    }

    @Test("an interrupt of the foreground process cancels cleanly")
    func interrupt() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let status = try await runUntilGo(fixture, repository) { $0.send(.interrupt) }
            #expect(status == 130)
            let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
            #expect(rows.map(\.status) == ["cancelled"])
            try await fixture.eventually("no step process is left") {
                fixture.processes().filter { $0.contains("/attempts/") }.isEmpty
            }
        }
    }

    @Test("a terminal that closes cancels, unless the command was started to outlive it, as by nohup")
    func hangUp() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let go = fixture.root + "/go"
            let outlived = try await runUntilGo(fixture, repository, before: "trap '' HUP; ") {
                $0.send(.hangUp)
                unlink(go)
            }
            #expect(outlived == 0)
            // The control: the same without.
            #expect(try await runUntilGo(fixture, repository) { $0.send(.hangUp) } == 130)
            let rows = try await fixture.runner("list", "--json").json([TaskRowJSON].self)
            #expect(rows.map(\.status) == ["cancelled", "completed"])
        }
    }

    @Test("a killed worker leaves no ghost: its guard has a daemon go on with the step, which is not started again")
    func crash() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let status = try await runUntilGo(fixture, repository) { $0.send(.kill) }
            #expect(status == 137)
            #expect(!fixture.processes().filter { $0.contains("/attempts/") }.isEmpty, "the step outlives its worker")
            try await fixture.eventually("another worker has adopted the step") {
                try await fixture.runner("events", "1").out.contains("step.adopted")
            }
            try FileManager.default.removeItem(atPath: fixture.root + "/go")
            try await fixture.eventually("the run has ended") {
                try await fixture.runner("list", "--json").json([TaskRowJSON].self).map(\.status) == ["completed"]
            }
            let steps = try await fixture.runner("steps", "1", "--json").json([StepJSON].self)
            #expect(steps.flatMap(\.attempts).map(\.status) == ["succeeded"])
            #expect(fixture.processes().filter { $0.contains("/attempts/") }.isEmpty)
        }
    }

    @Test("without a guard a killed worker's run waits for the next daemon")
    func crashWithoutGuard() async throws {
        try await RunnerFixture.with(["RUNNER_NO_GUARD": "1"]) { fixture in
            let repository = try await fixture.makeRepository()
            #expect(try await runUntilGo(fixture, repository) { $0.send(.kill) } == 137)
            try FileManager.default.removeItem(atPath: fixture.root + "/go")
            #expect(try await fixture.runner("list", "--json").json([TaskRowJSON].self).map(\.status) == ["running"])
            let served = try await fixture.runner("serve", "--idle-stop", "1s")
            #expect(served.status == 0, "\(served.err)")
            #expect(try await fixture.runner("list", "--json").json([TaskRowJSON].self).map(\.status) == ["completed"])
        }
    }

    @Test("a step that removes its own worktree has failed, and retry checks it out again")
    func removedWorktree() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let script = "test -e '\(fixture.root)/go' || rm -rf \"$PWD\"; echo ok > ok"
            let started = try await fixture.runner("start", repository, script, "--workflow", "script")
            #expect(started.status == 1, "\(started.err)")
            #expect(started.err.contains("removed its own worktree"), "\(started.err)")
            try fixture.write("", to: fixture.root + "/go")
            let retried = try await fixture.runner("retry", "1")
            #expect(retried.status == 0, "\(retried.err)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            #expect(try await fixture.git("status", "--porcelain", in: worktree).isEmpty)
            #expect(try await fixture.git("ls-files", in: worktree) == "README.md\nok")
        }
    }

    @Test("where a step put a link in the place of its worktree, retry says what to do, and goes on once it is done")
    func replacedWorktree() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let replace = "d=\"$PWD\"; cd ..; mv \"$d\" \"$d.moved\"; ln -s \"$d.moved\" \"$d\""
            let script = "test -e '\(fixture.root)/go' || { \(replace); exit 0; }; echo ok > ok"
            #expect(try await fixture.runner("start", repository, script, "--workflow", "script").status == 1)
            try fixture.write("", to: fixture.root + "/go")
            let refused = try await fixture.runner("retry", "1")
            #expect(refused.status == 3 && refused.err.contains("hint: move it away first"), "\(refused.err)")
            let worktree = try await fixture.runner("path", "1").out.trimmingCharacters(in: .newlines)
            try FileManager.default.removeItem(atPath: worktree)
            let retried = try await fixture.runner("retry", "1")
            #expect(retried.status == 0, "\(retried.err)")
            #expect(try await fixture.git("ls-files", in: worktree) == "README.md\nok")
            #expect(FileManager.default.fileExists(atPath: worktree + ".moved/README.md"))
        }
    }

    @Test("a step that destroys Git's files of its worktree loses no work")
    func removedGitFiles() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            let started = try await fixture.runner(
                "start", repository, "echo kept > kept; rm -rf \"$(git rev-parse --git-dir)\"", "--workflow", "script")
            #expect(started.status == 0, "\(started.err)")
            let branch = try #require(try await fixture.runner("show", "1", "--json").json(ShowJSON.self).branch)
            #expect(try await fixture.git("show", branch + ":kept", in: repository) == "kept")
        }
    }

    @Test("the database is not stopped under a run unless forced")
    func stopDuringRun() async throws {
        try await RunnerFixture.with { fixture in
            let repository = try await fixture.makeRepository()
            async let started = fixture.runner("start", repository, script(fixture), "--workflow", "script")
            try await fixture.eventually("the step runs") {
                FileManager.default.fileExists(atPath: fixture.root + "/go")
            }
            let stopped = try await fixture.runner("db", "stop")
            #expect(stopped.status == 3)
            #expect(stopped.err.contains("task 1 is running"), "\(stopped.err)")
            try FileManager.default.removeItem(atPath: fixture.root + "/go")
            #expect(try await started.status == 0)
            // The control: once the run has ended, the same command stops it.
            #expect(try await fixture.runner("db", "stop").status == 0)
        }
    }

    /// Starts a run in the foreground, acts on its process once the step runs, and returns its exit status.
    private func runUntilGo(
        _ fixture: RunnerFixture, _ repository: String, before: String = "",
        act: @escaping @Sendable (ForegroundProcess) -> Void
    ) async throws -> Int {
        var environment: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in fixture.variables {
            environment[try #require(Subprocess.Environment.Key(rawValue: name))] = value
        }
        // The shell makes way for the program, which then has its process number.
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: [
                "-c", before + #"exec "$0" "$@""#, RunnerFixture.build + "/runner", "start", repository,
                script(fixture), "--workflow", "script",
            ],
            environment: .custom(environment), input: .none, output: .discarded, error: .discarded
        ) { execution in
            try await fixture.eventually("the step runs") {
                FileManager.default.fileExists(atPath: fixture.root + "/go")
            }
            act(ForegroundProcess(pid: execution.processIdentifier.value))
        }
        switch result.terminationStatus {
        case .exited(let code): return Int(code)
        case .signaled(let signal): return 128 + Int(signal)
        }
    }
}

/// A child of the test, to be signalled.
struct ForegroundProcess: Sendable {
    enum Signal: Sendable { case interrupt, hangUp, kill }

    let pid: pid_t

    func send(_ signal: Signal) {
        let numbers = [Signal.interrupt: SIGINT, .hangUp: SIGHUP, .kill: SIGKILL]
        kill(pid, numbers[signal] ?? SIGKILL)
    }
}
