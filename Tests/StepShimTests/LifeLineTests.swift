import Engine
import Foundation
import Glibc
import Testing

@Suite(.timeLimit(.minutes(2)))
struct LifeLineTests {
    @Test("A command that is being stopped gently is killed when its host has lost its time")
    func cutWhileStopping() async throws {
        let fixture = try ShimFixture()
        let line = fixture.root + "/lifeline"
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        try Data("\((now.tv_sec + 5) * 1000)".utf8).write(to: URL(fileURLWithPath: line))
        var spec = fixture.spec("trap 'echo $$ > asked' TERM; echo $$ > ready; while :; do sleep 0.02; done")
        spec.lifeLine = line
        spec.stopStages = [.terminate(grace: .seconds(60))]
        let running = try fixture.launcher.launch(spec, in: fixture.attempt)
        let command = try await fixture.pid("ready")
        try running.cancel()
        _ = try await fixture.pid("asked")
        // The stop alone would leave it a minute.
        #expect(isAlive(command))
        let exit = try await running.waitForExit()
        #expect(exit.reason == .cancelled && exit.signal == Int(SIGKILL))
        #expect(exit.durationMilliseconds < 30_000)
    }
}
