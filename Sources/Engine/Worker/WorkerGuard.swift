import CPlatform
import Glibc
import Synchronization

/// A tiny process beside a worker that starts a daemon when the worker dies, so that its runs go on by themselves.
///
/// It waits for the end of a pipe, which comes with the worker's end whatever ended it; a worker that ends in order
/// sends it away before. `RUNNER_NO_GUARD=1` does without.
final class WorkerGuard: Sendable {
    private let pipe: Mutex<Int32>
    private let pid: pid_t

    private init(pipe: Int32, pid: pid_t) {
        self.pipe = Mutex(pipe)
        self.pid = pid
    }

    /// Nil where it is switched off or cannot be started: a run does without then.
    ///
    /// `slots` are what the daemon gets that it starts; nil for the default.
    static func start(_ workspace: Workspace, slots: Int? = nil) -> WorkerGuard? {
        guard workspace.settings.environment["RUNNER_NO_GUARD"] != "1",
            !BackgroundDaemon(workspace: workspace).isInsideStep, let program = ProgramPath.own
        else { return nil }
        var ends: [Int32] = [-1, -1]
        guard runner_pipe(&ends) == 0 else { return nil }
        defer { close(ends[0]) }
        let arguments = BackgroundDaemon.arguments(program: program, slots: slots)
        guard let shim = try? workspace.shim().program,
            let pid = try? DetachedProgram(path: shim, environment: workspace.settings.environment).start(
                ["--guard"] + arguments, input: ends[0], log: workspace.home.serveLog)
        else {
            close(ends[1])
            return nil
        }
        return WorkerGuard(pipe: ends[1], pid: pid)
    }

    /// Ends the guard: the worker has nothing left that has to go on.
    func dismiss() {
        let descriptor = pipe.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        guard descriptor >= 0 else { return }
        var word: UInt8 = UInt8(ascii: "q")
        _ = write(descriptor, &word, 1)
        close(descriptor)
        _ = ShimProgram.reap(pid)
    }
}
