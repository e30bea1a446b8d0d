import CPlatform
import Glibc

/// The command as a forked child that waits for permission before it becomes the command.
///
/// The child leads its own session and group, has default signals, and will have descriptors 0, 1 and 2 only. It dies
/// with the shim, whatever happens to the shim.
struct CommandProcess {
    let pid: pid_t
    /// Born in the cgroup that it was to be born in.
    let isConfined: Bool
    private let permission: Int32
    private let report: Int32
    private let command: String

    /// Forks the child, where the kernel can into `cgroup`; nothing of the command runs yet.
    static func prepare(
        _ spec: CommandSpec, input: Int32, output: Int32, error: Int32, in cgroup: Cgroup? = nil
    ) throws -> CommandProcess {
        let permission = try PipePair()
        let report = try PipePair()
        // Made before fork, so that the child only makes system calls.
        let image = ExecutionImage(spec)
        let (pid, isConfined) = fork(into: cgroup)
        guard pid >= 0 else { throw ShimFailure("fork") }
        if pid == 0 {
            close(permission.writing)
            image.become(input: input, output: output, error: error, after: permission.reading, report: report.writing)
        }
        for descriptor in [permission.reading, report.writing, input, output] { close(descriptor) }
        if error != output { close(error) }
        return CommandProcess(
            pid: pid, isConfined: isConfined, permission: permission.writing, report: report.reading,
            command: spec.arguments[0])
    }

    private static func fork(into cgroup: Cgroup?) -> (pid_t, isConfined: Bool) {
        if let folder = cgroup?.open() {
            let pid = runner_fork_into(folder)
            if pid != 0 { close(folder) }
            if pid >= 0 { return (pid, true) }
        }
        return (runner_fork(), false)
    }

    /// Ends a child that never became the command, and waits until it is gone.
    func abandon() {
        kill(pid, SIGKILL)
        while waitpid(pid, nil, 0) < 0, errno == EINTR {}
    }

    /// Lets the child become the command; throws `SpawnFailure` when it could not.
    ///
    /// A child that was killed before it is no failure to start: how it ended is seen when it is waited for.
    func start() throws {
        defer {
            close(permission)
            close(report)
        }
        var go: UInt8 = 1
        guard write(permission, &go, 1) == 1 || errno == EPIPE else { throw ShimFailure("start command") }
        // The pipe closes on a successful exec; otherwise it brings what failed.
        var answer = SpawnReport()
        var count: Int
        repeat {
            count = read(report, &answer, MemoryLayout<SpawnReport>.size)
        } while count < 0 && errno == EINTR
        guard count == MemoryLayout<SpawnReport>.size else { return }
        throw SpawnFailure(report: answer, command: command)
    }
}
