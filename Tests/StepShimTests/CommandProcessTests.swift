import Glibc
import Testing

@testable import StepShim

@Suite("a command before it begins")
struct CommandProcessTests {
    @Test("one that is killed before it is let go is no failure to start; its end tells")
    func killedBefore() throws {
        let text = ["runner-shim-spec 1", "arg=/bin/true", "env=RUNNER_ATTEMPT=test", "cwd=/", "end"].map { $0 + "\0" }
            .joined()
        let spec = try CommandSpec(parsing: Array(text.utf8))
        let ends = (0..<3).map { _ in open("/dev/null", O_RDWR | O_CLOEXEC) }
        signal(SIGPIPE, SIG_IGN)
        let command = try CommandProcess.prepare(spec, input: ends[0], output: ends[1], error: ends[2])
        #expect(kill(command.pid, SIGKILL) == 0)
        var info = siginfo_t()
        // Dead, and its ends of the pipes closed; not waited for yet.
        #expect(waitid(P_PID, id_t(command.pid), &info, WEXITED | WNOWAIT) == 0)
        try command.start()
        var status: Int32 = 0
        #expect(waitpid(command.pid, &status, 0) == command.pid && status & 0x7f == SIGKILL)
    }

    @Test("it is born in its cgroup, where one can be made, and waits there", arguments: [true, false])
    func born(isConfined: Bool) throws {
        let id = "test-\(UInt64.random(in: .min ... .max))"
        guard let cgroup = Cgroup.make(for: id) else { return }
        defer { cgroup.remove() }
        let text = ["runner-shim-spec 1", "arg=/bin/true", "env=RUNNER_ATTEMPT=test", "cwd=/", "end"].map { $0 + "\0" }
            .joined()
        let spec = try CommandSpec(parsing: Array(text.utf8))
        let ends = (0..<3).map { _ in open("/dev/null", O_RDWR | O_CLOEXEC) }
        let command = try CommandProcess.prepare(
            spec, input: ends[0], output: ends[1], error: ends[2], in: isConfined ? cgroup : nil)
        #expect(cgroup.pids() == (isConfined ? [command.pid] : []))
        #expect(command.isConfined == isConfined)
        command.abandon()
    }
}
