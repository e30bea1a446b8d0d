import CPlatform
import Glibc
import Subprocess
import SystemPackage

/// Starts a program that outlives this one: own session, no inherited descriptors, output into a log.
enum DetachedProcess {
    /// Returns the process number. swift-subprocess waits for its child, so a shell in between starts the program and
    /// ends; whoever adopts orphans then reaps it.
    ///
    /// `input`, whose descriptor stays the caller's, is its standard input, `/dev/null` where there is none.
    static func start(
        _ arguments: [String], as user: OSUser?, environment: [String: String], log: String, input: Int32? = nil
    ) async throws(ClusterError) -> pid_t {
        let descriptor = runner_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("open the log", path: log, errno: errno) }
        // By another number, for a shell gives what runs in its background /dev/null as standard input.
        let script = "exec 3<&0; exec \"$@\" <&3 3<&- >&2 & echo $!"
        let nothing = input == nil ? runner_open("/dev/null", O_RDONLY | O_CLOEXEC, 0) : -1
        defer { if nothing >= 0 { close(nothing) } }
        let source = input ?? nothing
        guard source >= 0 else { throw .system("open", path: "/dev/null", errno: errno) }
        let command = Self.command(arguments, as: user)
        let result: ExecutionResult<Void, StringOutput<UTF8>, FileDescriptorOutput>
        do {
            result = try await run(
                .path("/bin/sh"), arguments: Arguments(["-c", script, "sh"] + command),
                environment: Self.environment(environment),
                workingDirectory: "/", platformOptions: newSession,
                input: .fileDescriptor(FileDescriptor(rawValue: source), closeAfterSpawningProcess: false),
                output: .string(limit: 64),
                error: .fileDescriptor(FileDescriptor(rawValue: descriptor), closeAfterSpawningProcess: true))
        } catch {
            throw ClusterError(code: .startFailed, operation: "start a process", message: "\(error)", hint: "")
        }
        guard let pid = pid_t(result.standardOutput.prefix { $0.isNumber }) else {
            throw ClusterError(
                code: .startFailed, operation: "start a process", message: "\"\(arguments.first ?? "")\" did not start",
                hint: "")
        }
        return pid
    }

    /// `arguments` run as `user`, whose own group is then the only one.
    ///
    /// By setpriv(1) of util-linux, which every Debian has: swift-subprocess changes the user between clone and exec
    /// with functions of glibc that wait for threads which the child does not have, and hangs now and then.
    static func command(_ arguments: [String], as user: OSUser?) -> [String] {
        guard let user, user.uid != geteuid() else { return arguments }
        return ["/usr/bin/setpriv", "--reuid=\(user.uid)", "--regid=\(user.gid)", "--clear-groups", "--"] + arguments
    }

    static var newSession: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        return options
    }

    static func environment(_ variables: [String: String]) -> Environment {
        .custom(Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) }))
    }
}
