import CPlatform
import Glibc

/// Starts the `runner-shim` program.
struct ShimProgram {
    let path: String

    /// Starts the program in its own session with an empty environment and no descriptor of ours but `output`.
    ///
    /// Diagnostics go to `log`. Returns the pid of a child that the caller has to reap.
    func spawn(_ arguments: [String], output: Int32, log: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        _ = runner_spawn_add_close_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A stop that comes before the shim has opened its signal descriptor waits, instead of killing it.
        var early = sigset_t()
        sigemptyset(&early)
        for signal in [SIGINT, SIGTERM, SIGQUIT, SIGHUP] { sigaddset(&early, signal) }
        posix_spawnattr_setsigmask(&attributes, &early)
        posix_spawnattr_setflags(&attributes, runner_spawn_setsid_flag() | Int16(POSIX_SPAWN_SETSIGMASK))

        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, path, &actions, &attributes, &argv, &environment)
        guard failure == 0 else { throw ShimError("start \"\(path)\"", code: failure) }
        return pid
    }

    /// Waits for a child of ours and returns its exit status; blocks. Nil when a signal ended it.
    static func reap(_ pid: pid_t) -> Int32? {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        return status & 0x7f == 0 ? (status >> 8) & 0xff : nil
    }
}
