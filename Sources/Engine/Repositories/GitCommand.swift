import Foundation
import RunnerCore
import Subprocess
import SystemPackage

/// Runs the `git` binary for what crosses a network, never inside a folder that an agent wrote to.
///
/// Transports are pinned, nothing prompts, no hook runs; people's credential helpers, SSH configuration and proxies
/// are honoured because their configuration is read as always.
struct GitCommand: Sendable {
    struct Output: Sendable {
        let status: Int32
        let standardOutput: String
        /// Credentials redacted, progress lines left out.
        let messages: String
    }

    /// Transport names for `GIT_ALLOW_PROTOCOL`, as `https:ssh`.
    let transports: String
    let environment: [String: String]

    /// Runs `git -C directory arguments…`; `progress` gets git's progress lines as they come.
    ///
    /// `isApart` is for what must not be cut off in the middle: Ctrl-C does not reach it.
    func run(
        _ arguments: [String], in directory: String, input: [UInt8]? = nil, isApart: Bool = false,
        progress: (@Sendable (String) -> Void)? = nil
    ) async throws -> Output {
        guard let git = ProgramPath.find("git", on: environment["PATH"]) else {
            throw EngineError(.programMissing, "git is not on PATH", hint: "install it: apt-get install git")
        }
        let pinned = [
            "-C", directory, "-c", "core.hooksPath=/dev/null", "-c", "http.followRedirects=false",
            "-c", "protocol.ext.allow=never", "-c", "gc.auto=0", "-c", "maintenance.auto=false",
        ]
        // Git takes its locks and half-made packs away when it is asked to end.
        var options = PlatformOptions()
        if isApart { options.processGroupID = 0 }
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(5))]
        let collected = LineCollector(progress: progress)
        let result = try await Subprocess.run(
            .path(FilePath(git)), arguments: Arguments(pinned + arguments),
            environment: .custom(processEnvironment), platformOptions: options,
            input: .fileDescriptor(try MemoryFile.holding(input ?? []), closeAfterSpawningProcess: true),
            output: .string(limit: 64 << 20), error: .sequence
        ) { execution in
            for try await buffer in execution.standardError {
                buffer.withUnsafeBytes { collected.append($0) }
            }
        }
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Output(
            status: status, standardOutput: result.standardOutput,
            messages: Redaction.redactCredentials(in: collected.finish()))
    }

    /// The user's environment without what would redirect git to another repository.
    private var processEnvironment: [Subprocess.Environment.Key: String] {
        var values: [Subprocess.Environment.Key: String] = [:]
        let own = [
            "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_ASKPASS", "GIT_CONFIG_GLOBAL",
            "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH", "GIT_SSL_CAINFO", "GIT_SSL_NO_VERIFY", "GIT_TRACE",
        ]
        // A credential helper has no business with the database's password.
        for (name, value) in environment
        where !name.hasPrefix("RUNNER_") && (!name.hasPrefix("GIT_") || own.contains(name)) {
            guard let key = Subprocess.Environment.Key(rawValue: name) else { continue }
            values[key] = value
        }
        values["GIT_ALLOW_PROTOCOL"] = transports
        values["GIT_TERMINAL_PROMPT"] = "0"
        values["GCM_INTERACTIVE"] = "never"
        values["LC_ALL"] = "C.UTF-8"
        if environment["GIT_SSH_COMMAND"] == nil, environment["GIT_SSH"] == nil {
            // BatchMode keeps a missing key from waiting for a passphrase nobody can type.
            values["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
        }
        return values
    }
}
