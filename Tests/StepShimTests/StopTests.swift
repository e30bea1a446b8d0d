import Engine
import Foundation
import Glibc
import Testing

/// A stop is soft first, then hard, and in the end nothing is left.
@Suite(.timeLimit(.minutes(2)))
struct StopTests {
    /// Writes its pid to `escaped` from a new session, two forks away, deaf to everything but SIGKILL, with the pipe open.
    private static let escape = """
        setsid sh -c 'sh -c "trap \\"\\" TERM INT HUP QUIT; echo \\$\\$ > escaped; exec sleep 300" & exit 0' &
        while [ ! -s escaped ]; do sleep 0.01; done
        """

    @Test("A command that runs too long is stopped and says so")
    func wallTimeout() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("while :; do echo tick; sleep 0.02; done")
        spec.wallTimeout = .milliseconds(400)
        let exit = try await fixture.run(spec)
        #expect(exit.reason == .timedOutWall)
        #expect(exit.signal == Int(SIGTERM))
        #expect(exit.stopSignal == Int(SIGTERM))
        #expect(exit.stopStages == 1)
        #expect(exit.durationMilliseconds >= 400)
    }

    @Test("A command that is silent too long is stopped; one that talks is not")
    func idleTimeout() async throws {
        let silent = try ShimFixture()
        var spec = silent.spec("echo start; sleep 300")
        spec.idleTimeout = .milliseconds(300)
        let exit = try await silent.run(spec)
        #expect(exit.reason == .timedOutIdle)
        #expect(try silent.text("stdout") == "start\n")

        let talking = try ShimFixture()
        spec = talking.spec("for i in 1 2 3 4 5 6; do sleep 0.2; echo $i >&2; done")
        spec.idleTimeout = .milliseconds(1000)
        let other = try await talking.run(spec)
        #expect(other.reason == .exited)
        #expect(other.durationMilliseconds > 1000)
    }

    @Test("An agent that obeys its interrupt ends by itself, with its own exit code and last words")
    func softStop() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec(
            "trap 'echo bye; exit 0' INT; echo $$ > ready; while :; do sleep 0.02; done")
        spec.stopStages = [.interrupt(), .terminate()]
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        _ = try await fixture.pid("ready")
        try running.cancel()
        let exit = try await running.waitForExit()
        #expect(exit.reason == .cancelled)
        #expect(exit.exitCode == 0)
        #expect(exit.stopSignal == Int(SIGINT))
        #expect(exit.stopStages == 1)
        #expect(try fixture.text("stdout") == "bye\n")
    }

    @Test("A command that ignores the soft signals is killed after its grace time, and all stages are recorded")
    func deafCommand() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec("trap '' INT TERM; echo $$ > ready; while :; do sleep 0.02; done")
        spec.stopStages = [.interrupt(wait: .milliseconds(100)), .terminate(grace: .milliseconds(200))]
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        let command = try await fixture.pid("ready")
        try running.cancel()
        let exit = try await running.waitForExit()
        #expect(exit.reason == .cancelled)
        #expect(exit.signal == Int(SIGKILL))
        #expect(exit.stopStages == 3)
        #expect(!isAlive(command))
    }

    @Test("A stopped process is woken to hear its end")
    func stoppedCommand() async throws {
        let fixture = try ShimFixture()
        let spec = fixture.spec("trap 'exit 9' TERM; echo $$ > ready; kill -STOP $$; while :; do sleep 0.02; done")
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        _ = try await fixture.pid("ready")
        try running.cancel()
        let exit = try await running.waitForExit()
        #expect(exit.exitCode == 9)
    }

    @Test("A hard cancel waits for nothing")
    func hardCancel() async throws {
        let fixture = try ShimFixture()
        let spec = fixture.spec("trap '' TERM INT; echo $$ > ready; while :; do sleep 0.02; done")
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        _ = try await fixture.pid("ready")
        let start = ContinuousClock.now
        try running.cancel(hard: true)
        let exit = try await running.waitForExit()
        #expect(exit.reason == .cancelled)
        #expect(exit.signal == Int(SIGKILL))
        #expect(exit.stopStages == 1)
        // The grace time would be 10 s.
        #expect(ContinuousClock.now - start < .seconds(15))
    }

    @Test("What left its session, forked twice, is deaf and holds the pipe is gone within 2 s of grace")
    func escapedProcess() async throws {
        let fixture = try ShimFixture()
        var spec = fixture.spec(StopTests.escape + "\nexec sleep 300")
        spec.stopStages = [.terminate(grace: .milliseconds(100))]
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        let escaped = try await fixture.pid("escaped")
        try running.cancel()
        let asked = ContinuousClock.now
        let exit = try await running.waitForExit()
        // Two seconds on a machine of its own; a test run has every core busy with other tests.
        #expect(ContinuousClock.now - asked < .seconds(10))
        #expect(!isAlive(escaped))
        #expect(exit.survivorsKilled >= 1)
        #expect(exit.survivorsLeft == 0)
        #expect(fixture.markedProcesses().isEmpty)
    }

    @Test("The same process survives when only the process group is killed")
    func escapedProcessControl() async throws {
        let fixture = try ShimFixture()
        let spec = fixture.spec(StopTests.escape + "\nexec sleep 300")
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        let escaped = try await fixture.pid("escaped")
        let identity = try #require(try AttemptIdentity.read(from: fixture.attempt))
        // With the shim asleep nobody sweeps.
        kill(identity.shimPID, SIGSTOP)
        kill(-identity.commandPID, SIGKILL)
        try await eventually("the command is dead") { !isAlive(identity.commandPID) }
        #expect(isAlive(escaped))
        kill(identity.shimPID, SIGCONT)
        let exit = try await running.waitForExit()
        #expect(exit.reason == .signaled)
        #expect(!isAlive(escaped))
    }

    @Test("A process that cleared its environment is found by its parent links")
    func clearedEnvironment() async throws {
        let fixture = try ShimFixture()
        let script = "setsid env -i /bin/sh -c 'trap \"\" TERM; echo $$ > escaped; exec /bin/sleep 300' & "
        let exit = try await fixture.run(fixture.spec(script + "while [ ! -s escaped ]; do sleep 0.01; done"))
        #expect(exit.reason == .exited)
        #expect(exit.survivorsKilled == 1)
        #expect(!isAlive(try await fixture.pid("escaped")))
    }

    @Test("Fifty attempts that are cancelled at any moment leave no process")
    func races() async throws {
        let script = """
            for i in 1 2 3; do setsid sh -c 'trap "" TERM; sleep 300 & sleep 300' & done
            (sleep 300 &) ; sleep 300
            """
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                if number >= 4 { try await group.next() }
                group.addTask {
                    let fixture = try ShimFixture()
                    var spec = fixture.spec(script)
                    spec.stopStages = [.terminate(grace: .milliseconds(50))]
                    let running = try fixture.launcher.launch(spec, in: fixture.attempt)
                    try await Task.sleep(for: .microseconds(number * 700))
                    try running.cancel(hard: number % 3 == 0)
                    let exit = try await running.waitForExit()
                    #expect(exit.reason == .cancelled, "\(number)")
                    #expect(exit.survivorsLeft == 0)
                    #expect(fixture.markedProcesses().isEmpty, "\(number)")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("Waiting can be cancelled without touching the attempt")
    func cancelledWait() async throws {
        let fixture = try ShimFixture()
        let running = try fixture.launcher.launch(fixture.spec("echo $$ > ready; sleep 300"), in: fixture.attempt)
        let command = try await fixture.pid("ready")
        let waiting = Task { try await running.waitForExit() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(isAlive(command))
        try running.cancel(hard: true)
        #expect(try await running.waitForExit().reason == .cancelled)
    }
}
