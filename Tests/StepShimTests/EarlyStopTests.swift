import Engine
import Foundation
import Glibc
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EarlyStopTests {
    @Test("A stop that is asked of an adopted shim which has not said yet who it is reaches it once it has")
    func beforeIdentity() async throws {
        let fixture = try ShimFixture()
        try FileManager.default.createDirectory(atPath: fixture.attempt, withIntermediateDirectories: true)
        // Stands for the shim: it has the lock, and ends at SIGQUIT.
        let script = "exec 9> lock; flock 9; echo $$ > ../ready; exec sleep 60"
        let shim = Process()
        shim.executableURL = URL(fileURLWithPath: "/bin/sh")
        shim.arguments = ["-c", script]
        shim.currentDirectoryURL = URL(fileURLWithPath: fixture.attempt)
        try shim.run()
        defer { kill(shim.processIdentifier, SIGKILL) }
        let pid = try await fixture.pid("ready")
        try await eventually("the lock is held") { ShimLauncher.isSupervised(fixture.attempt) }
        let running = try fixture.launcher.adopt(fixture.attempt)
        try running.cancel()
        try running.cancel(hard: true)
        #expect(isAlive(pid))
        let identity: [String: Any] = [
            "shim_version": "1", "boot_id": HostIdentity.bootID, "shim_pid": Int(pid),
            "shim_start": try #require(HostIdentity.processStart(pid)), "command_pid": Int(pid), "command_start": 1,
            "marker": "RUNNER_ATTEMPT=\(fixture.id)",
        ]
        try JSONSerialization.data(withJSONObject: identity)
            .write(to: URL(fileURLWithPath: fixture.attempt + "/identity"), options: .atomic)
        try await eventually("the stop has reached it") { !shim.isRunning }
        #expect(shim.terminationReason == .uncaughtSignal && shim.terminationStatus == SIGQUIT)
        _ = try? await running.waitForExit()
    }
}
