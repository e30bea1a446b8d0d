import CPlatform
import Foundation
import Glibc
import Subprocess
import SystemPackage

/// `runner serve` as a service of systemd: the user's own manager by default, the machine's with `isSystem`.
///
/// Where systemd does not run, the files are written all the same and a sentence says what is missing.
package struct Service: Sendable {
    private let settings: RunnerSettings
    private let isSystem: Bool
    private let folder: String
    private let unit: ServiceUnit

    package init(_ settings: RunnerSettings, isSystem: Bool) throws {
        self.settings = settings
        self.isSystem = isSystem
        let variables = settings.environment
        guard let config = ConfigFolder.path(environment: variables) else {
            throw EngineError(.homeUnusable, "neither XDG_CONFIG_HOME nor HOME is set", hint: "set HOME")
        }
        if isSystem, geteuid() != 0, variables["RUNNER_SYSTEM_UNITS"] == nil {
            throw EngineError(
                .wrongState, "a system service needs root", hint: "use sudo, or leave out --system")
        }
        folder =
            isSystem
            ? variables["RUNNER_SYSTEM_UNITS"] ?? "/etc/systemd/system" : config + "/systemd/user"
        guard let program = ProgramPath.own else {
            throw EngineError(.internalFault, "the running program has no path", hint: nil)
        }
        unit = ServiceUnit(
            program: program,
            environmentFile: isSystem ? folder + "/runner.environment" : config + "/runner/service.environment",
            isSystem: isSystem)
    }

    private var path: String { "\(folder)/\(ServiceUnit.name)" }

    /// Writes the unit, enables it and starts it; again is fine and takes over changes.
    package func install() async throws -> ServiceStatus {
        var variables = settings.environment
        // The service has no working directory to resolve a relative one against.
        variables["RUNNER_HOME"] = settings.home.root
        try write(try ServiceUnit.environment(variables), to: unit.environmentFile, mode: 0o600)
        try write(unit.text, to: path, mode: 0o644)
        if managerProblem == nil {
            try await control(["daemon-reload"])
            try await control(["enable", ServiceUnit.name])
            try await control(["restart", ServiceUnit.name])
        }
        return await status()
    }

    /// Stops and disables the service and removes its files; steps that run go on under their supervisors.
    package func uninstall() async throws -> ServiceStatus {
        let wasInstalled = access(path, F_OK) == 0
        if wasInstalled, managerProblem == nil { try await control(["disable", "--now", ServiceUnit.name]) }
        for file in [path, unit.environmentFile] where unlink(file) != 0 && errno != ENOENT {
            throw EngineError(
                .homeUnusable, "\"\(file)\" cannot be removed (\(String(cString: strerror(errno))))",
                hint: "check the folder's permissions")
        }
        if wasInstalled, managerProblem == nil { try await control(["daemon-reload"]) }
        return await status()
    }

    package func status() async -> ServiceStatus {
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        var status = ServiceStatus(
            path: path, installed: text != nil, current: text == unit.text, enabled: false, running: false,
            problem: managerProblem)
        guard status.problem == nil else { return status }
        status.enabled = (try? await control(["is-enabled", "--quiet", ServiceUnit.name])) != nil
        status.running = (try? await control(["is-active", "--quiet", ServiceUnit.name])) != nil
        if !status.installed {
            status.problem = "the service is not installed; install it with runner service install"
        } else if !status.running {
            status.problem = "the service does not run; see \(journal)"
        }
        return status
    }

    private var journal: String {
        "journalctl \(isSystem ? "" : "--user ")-u \(ServiceUnit.name)"
    }

    /// Why no systemd can be asked; nil when one can.
    private var managerProblem: String? {
        if ProgramPath.find("systemctl", on: settings.environment["PATH"]) == nil {
            return "systemctl is not on PATH: let another supervisor run \"runner serve\""
        }
        if isSystem {
            // sd_booted(3) asks the same question.
            return access("/run/systemd/system", F_OK) == 0
                ? nil : "systemd does not run on this machine: let another supervisor run \"runner serve\""
        }
        let runtime = settings.environment["XDG_RUNTIME_DIR"] ?? "/run/user/\(geteuid())"
        if access("\(runtime)/systemd/private", F_OK) == 0 { return nil }
        return "no systemd manager of this user runs: log in through a session with one, "
            + (geteuid() == 0 ? "install with --system, " : "") + "or let another supervisor run \"runner serve\""
    }

    private func control(_ arguments: [String]) async throws {
        guard let program = ProgramPath.find("systemctl", on: settings.environment["PATH"]) else { return }
        let all = (isSystem ? [] : ["--user"]) + arguments
        let result = try await run(
            .path(FilePath(program)), arguments: Arguments(all), output: .discarded, error: .string(limit: 1 << 16))
        guard result.terminationStatus.isSuccess else {
            let reason = result.standardError.split(whereSeparator: \.isNewline).first.map { String($0) }
            throw EngineError(
                .programMissing, "systemctl \(arguments.joined(separator: " ")): \(reason ?? "it gave no reason")",
                hint: "see \(journal)")
        }
    }

    private func write(_ text: String, to file: String, mode: mode_t) throws {
        do {
            let parent = URL(fileURLWithPath: file).deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            let temporary = file + ".new"
            unlink(temporary)
            // With its mode from the first moment on: it may hold a password.
            let descriptor = runner_open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
            guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
            guard rename(temporary, file) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        } catch {
            throw EngineError(
                .homeUnusable, "\"\(file)\" cannot be written (\(String(cString: strerror(errno))))",
                hint: "check the folder's permissions and free some space")
        }
    }
}
