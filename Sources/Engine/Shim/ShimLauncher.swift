import CPlatform
import Glibc

/// Starts attempts under `runner-shim`, and finds them again after a restart.
package struct ShimLauncher: Sendable {
    /// The path of the `runner-shim` program.
    package let program: String

    package init(program: String) {
        self.program = program
    }

    /// The `runner-shim` in the folder of the running program, where it is installed.
    package static func besideThisProgram() throws -> ShimLauncher {
        guard let folder = ProgramPath.ownFolder() else { throw ShimError("find runner-shim") }
        let program = "\(folder)/runner-shim"
        guard access(program, X_OK) == 0 else { throw ShimError("find \"\(program)\"") }
        return ShimLauncher(program: program)
    }

    /// Writes `spec` into `directory`, which is made when it is missing, and starts it.
    ///
    /// The shim is a session leader with nothing of ours but a pipe: it outlives this process. Returns at once; a
    /// command that cannot be executed shows in the exit record. A directory runs at most one attempt, ever.
    package func launch(_ spec: AttemptSpec, in directory: String) throws -> RunningAttempt {
        try spec.write(to: directory)
        return try launch(in: directory)
    }

    /// Starts the attempt whose `spec` file is in `directory`.
    package func launch(in directory: String) throws -> RunningAttempt {
        var ends: [Int32] = [-1, -1]
        guard runner_pipe(&ends) == 0 else { throw ShimError("make pipe") }
        defer { close(ends[1]) }
        do {
            let shim = ShimProgram(path: program)
            let pid = try shim.spawn([directory], output: ends[1], log: directory + "/shim.log")
            return RunningAttempt(
                directory: directory, program: shim, child: pid, process: ShimProcess(pid: pid), bell: ends[0])
        } catch {
            close(ends[0])
            throw error
        }
    }

    /// Takes over an attempt that an earlier worker started, whether its shim lives, has finished or died.
    ///
    /// Without a living shim and without an exit record the attempt is `lost`: its processes are ended by their
    /// marker, and a shim that comes late finds that it must not start the command.
    package func adopt(_ directory: String) throws -> RunningAttempt {
        guard access(directory, R_OK | W_OK | X_OK) == 0 else { throw ShimError("adopt \"\(directory)\"") }
        let identity = try AttemptIdentity.read(from: directory)
        return RunningAttempt(
            directory: directory, program: ShimProgram(path: program), child: nil,
            process: identity.flatMap { ShimProcess($0) }, bell: nil)
    }

    /// Whether a living shim holds the attempt's lock.
    package static func isSupervised(_ directory: String) -> Bool {
        let file = runner_open(directory + "/lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0)
        guard file >= 0 else { return false }
        defer { close(file) }
        // Shared, so that two observers do not take each other for a shim.
        return flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }
}
