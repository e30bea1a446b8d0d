import Foundation
import Glibc
import Testing

@testable import Engine

/// Attempts survive their worker, and the loss of a shim is noticed and cleared up.
@Suite(.timeLimit(.minutes(2)))
struct SurvivalTests {
    /// Starts the spec in `directory` from a process of its own that is killed with SIGKILL once the command runs.
    private func launchFromDyingWorker(_ fixture: ShimFixture, _ spec: AttemptSpec) async throws {
        try spec.write(to: fixture.attempt)
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [directory = fixture.attempt as String, root = fixture.root as String] in
            let running = try ShimLauncher.besideThisProgram().launch(in: directory)
            try await eventually("the command runs") { FileManager.default.fileExists(atPath: root + "/ready") }
            kill(getpid(), SIGKILL)
            withExtendedLifetime(running) {}
        }
    }

    @Test("When the worker is killed the shim goes on, keeps all output and records the end")
    func workerDies() async throws {
        let fixture = try ShimFixture()
        let script = "echo 1; touch ready; while [ ! -e go ]; do sleep 0.01; done; seq 2 20000; exit 5"
        try await launchFromDyingWorker(fixture, fixture.spec(script))
        #expect(ShimLauncher.isSupervised(fixture.attempt))
        #expect(try AttemptExit.read(from: fixture.attempt) == nil)
        try Data().write(to: URL(fileURLWithPath: fixture.root + "/go"))
        try await eventually("the end is recorded") { try AttemptExit.read(from: fixture.attempt) != nil }
        #expect(try AttemptExit.read(from: fixture.attempt)?.exitCode == 5)
        #expect(try fixture.text("stdout") == (1...20000).map { "\($0)\n" }.joined())
        try await eventually("the lock is free") { !ShimLauncher.isSupervised(fixture.attempt) }
    }

    @Test("A new worker adopts a living attempt and goes on reading where the old one stopped")
    func adoption() async throws {
        let fixture = try ShimFixture()
        let script = "echo 1; touch ready; while [ ! -e go ]; do sleep 0.01; done; echo 2; sleep 0.3; echo 3"
        try await launchFromDyingWorker(fixture, fixture.spec(script))
        let running = try fixture.launcher.adopt(fixture.attempt)
        var reader = OutputReader(directory: fixture.attempt, offset: 2)
        try Data().write(to: URL(fileURLWithPath: fixture.root + "/go"))
        var found: [UInt8] = []
        for await _ in running.outputGrew { found += try reader.readNew() }
        #expect(String(decoding: found, as: UTF8.self) == "2\n3\n")
        let exit = try await running.waitForExit()
        #expect(exit.reason == .exited)
        #expect(exit.exitCode == 0)
    }

    @Test("An adopted attempt can be cancelled")
    func adoptedCancel() async throws {
        let fixture = try ShimFixture()
        try await launchFromDyingWorker(fixture, fixture.spec("touch ready; sleep 300"))
        let running = try fixture.launcher.adopt(fixture.attempt)
        try running.cancel()
        let exit = try await running.waitForExit()
        #expect(exit.reason == .cancelled)
        #expect(exit.signal == Int(SIGTERM))
    }

    @Test("An attempt that ended while nobody watched is adopted with its record")
    func finished() async throws {
        let fixture = try ShimFixture()
        let first = try await fixture.run(fixture.spec("exit 7"))
        let second = try await fixture.launcher.adopt(fixture.attempt).waitForExit()
        #expect(first == second)
    }

    @Test("A killed shim is reported as lost; its command dies with it")
    func shimKilled() async throws {
        let fixture = try ShimFixture()
        let running = try fixture.launcher.launch(
            fixture.spec("echo kept; echo $$ > ready; sleep 300"), in: fixture.attempt)
        let command = try await fixture.pid("ready")
        try await eventually("output is kept") { try fixture.text("stdout") == "kept\n" }
        let identity = try #require(try AttemptIdentity.read(from: fixture.attempt))
        #expect(identity.commandPID == command)
        kill(identity.shimPID, SIGKILL)
        let exit = try await running.waitForExit()
        #expect(exit.reason == .lost)
        #expect(exit.exitCode == nil)
        #expect(exit.stdoutBytes == 5)
        #expect(!isAlive(command))
        #expect(fixture.markedProcesses().isEmpty)
        #expect(try AttemptExit.read(from: fixture.attempt) == exit)
    }

    @Test("What a killed shim leaves behind lives until the attempt is adopted, and no longer")
    func leftBehind() async throws {
        let fixture = try ShimFixture()
        let script = """
            setsid sh -c 'sh -c "trap \\"\\" TERM; echo \\$\\$ > escaped; exec sleep 300" & exit 0' &
            while [ ! -s escaped ]; do sleep 0.01; done; touch ready; sleep 300
            """
        try await launchFromDyingWorker(fixture, fixture.spec(script))
        let escaped = try await fixture.pid("escaped")
        let identity = try #require(try AttemptIdentity.read(from: fixture.attempt))
        kill(identity.shimPID, SIGKILL)
        try await eventually("the shim is gone") { !isAlive(identity.shimPID) }
        #expect(isAlive(escaped), "the control: nobody has cleared up yet")
        let exit = try await fixture.launcher.adopt(fixture.attempt).waitForExit()
        #expect(exit.reason == .lost)
        #expect(exit.survivorsKilled >= 1)
        #expect(!isAlive(escaped))
        #expect(fixture.markedProcesses().isEmpty)
    }

    @Test("After an attempt was given up as lost, a shim that comes late does not start the command")
    func lateShim() async throws {
        let fixture = try ShimFixture()
        try fixture.spec("touch \(fixture.root)/ran").write(to: fixture.attempt)
        let lost = try await fixture.launcher.adopt(fixture.attempt).waitForExit()
        #expect(lost.reason == .lost)
        let again = try await fixture.run(fixture.spec("touch \(fixture.root)/ran"))
        #expect(again == lost)
        #expect(!FileManager.default.fileExists(atPath: fixture.root + "/ran"))
    }

    @Test("A living attempt is not ended by whoever takes it for lost")
    func endOfTheLiving() async throws {
        let fixture = try ShimFixture()
        let running = try fixture.launcher.launch(fixture.spec("echo $$ > ready; sleep 300"), in: fixture.attempt)
        let command = try await fixture.pid("ready")
        let shim = ShimProgram(path: fixture.launcher.program)
        let pid = try shim.spawn(["--end", fixture.attempt], output: STDERR_FILENO, log: "/dev/null")
        #expect(ShimProgram.reap(pid) == 75)
        #expect(isAlive(command))
        try running.cancel(hard: true)
        #expect(try await running.waitForExit().reason == .cancelled)
    }

    @Test("A hang-up does not disturb the shim")
    func hangUp() async throws {
        let fixture = try ShimFixture()
        let running = try fixture.launcher.launch(
            fixture.spec("echo $$ > ready; while [ ! -e go ]; do sleep 0.01; done; exit 3"), in: fixture.attempt)
        _ = try await fixture.pid("ready")
        let identity = try #require(try AttemptIdentity.read(from: fixture.attempt))
        for signal in [SIGHUP, SIGPIPE, SIGUSR1] { kill(identity.shimPID, signal) }
        try Data().write(to: URL(fileURLWithPath: fixture.root + "/go"))
        #expect(try await running.waitForExit().exitCode == 3)
    }

    @Test("A process is signalled only when its start time is the recorded one")
    func identity() async throws {
        let own = try #require(ShimProcess(pid: getpid()))
        #expect(own.start == HostIdentity.processStart(getpid()))
        let opened = own.open()
        #expect(opened != nil)
        if let opened { close(opened) }
        let record = """
            {"shim_version":"1","boot_id":"\(HostIdentity.bootID)","shim_pid":\(getpid()),"shim_start":\(own.start + 1),
            "command_pid":1,"command_start":1,"marker":"RUNNER_ATTEMPT=x"}
            """
        let reused = try JSONDecoder().decode(AttemptIdentity.self, from: Data(record.utf8))
        // SIGKILL would end the tests.
        #expect(try ShimProcess(reused)?.send(SIGKILL) == false)
        let elsewhere = record.replacingOccurrences(of: HostIdentity.bootID, with: "other-boot")
        #expect(ShimProcess(try JSONDecoder().decode(AttemptIdentity.self, from: Data(elsewhere.utf8))) == nil)
    }

    @Test("The host names itself and finds no process that is not there")
    func host() {
        #expect(HostIdentity.bootID.count == 36)
        #expect(!HostIdentity.hostname.isEmpty)
        #expect(HostIdentity.processStart(0) == nil)
    }
}
