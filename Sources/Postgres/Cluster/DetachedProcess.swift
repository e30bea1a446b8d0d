import CPlatform
import Glibc
import Subprocess
import SystemPackage

/// Starts a program that outlives this one: own session, no inherited descriptors, output into a log.
enum DetachedProcess {
    /// Returns the process number. swift-subprocess waits for its child, so a shell in between starts the program and
    /// ends; whoever adopts orphans then reaps it.
    static func start(
        _ arguments: [String], as user: OSUser?, environment: [String: String], log: String
    ) async throws(ClusterError) -> pid_t {
        let descriptor = runner_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("open the log", path: log, errno: errno) }
        let script = "exec \"$@\" </dev/null >&2 & echo $!"
        let result: ExecutionResult<Void, StringOutput<UTF8>, FileDescriptorOutput>
        do {
            result = try await run(
                .path("/bin/sh"), arguments: Arguments(["-c", script, "sh"] + arguments),
                environment: Self.environment(environment),
                workingDirectory: "/", platformOptions: options(user, newSession: true),
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

    /// Groups come from the user database alone, so that root's own groups do not leak into the server.
    static func options(_ user: OSUser?, newSession: Bool = false) -> PlatformOptions {
        var options = PlatformOptions()
        options.createSession = newSession
        if let user, user.uid != geteuid() {
            options.userID = user.uid
            options.groupID = user.gid
            options.supplementaryGroups = [user.gid]
        }
        return options
    }

    static func environment(_ variables: [String: String]) -> Environment {
        .custom(Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0), $1) }))
    }
}
