import CPlatform
import Foundation
import Glibc

/// The folders under `$RUNNER_HOME`; docs/architecture.md names each.
package struct RunnerHome: Sendable, Hashable {
    /// Absolute, without symbolic links once `prepare` has run.
    package let root: String

    /// It lasts no longer than the machine is up: nothing in it needs to be flushed (RUNNER_STORAGE=memory).
    package private(set) var isThrowaway = false

    package init(root: String) {
        self.root = root
    }

    /// `RUNNER_HOME`, else `runner` in the XDG state directory, else `~/.local/state/runner`.
    package init(environment: [String: String]) throws {
        if let home = environment["RUNNER_HOME"], !home.isEmpty {
            guard !home.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
                throw EngineError(
                    .homeUnusable, "the path in RUNNER_HOME holds a control character",
                    hint: "set RUNNER_HOME to a folder without line breaks in its path")
            }
            self.init(root: RunnerHome.absolute(home))
        } else if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            self.init(root: state + "/runner")
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            self.init(root: home + "/.local/state/runner")
        } else {
            throw EngineError(
                .homeUnusable, "neither RUNNER_HOME nor HOME is set", hint: "set RUNNER_HOME to a folder of yours")
        }
        isThrowaway = environment["RUNNER_STORAGE"] == "memory"
    }

    package var postgres: String { root + "/postgres" }
    package var hubs: String { root + "/hubs" }
    package var worktrees: String { root + "/worktrees" }
    package var attempts: String { root + "/attempts" }
    package var trash: String { root + "/trash" }
    package var spares: String { root + "/spares" }
    /// What set-ups made, by repository and by what it depends on; made when it is needed.
    package var dependencies: String { root + "/dependencies" }
    /// What a daemon in the background says.
    package var serveLog: String { root + "/serve.log" }
    /// Until when the steps of this host may go on without a worker; see `LifeLine`.
    package var lifeLine: String { root + "/lifeline" }
    /// Locked by the daemon that serves in the background.
    package var serveLock: String { root + "/serve.lock" }

    package func hub(_ id: String) -> String { "\(hubs)/\(id).git" }
    package func attempt(_ id: String) -> String { "\(attempts)/\(id)" }

    /// Makes the folders, readable by their owner alone, and returns the home with its real path.
    ///
    /// Idempotent; throws `homeUnusable` when a folder cannot be made or written.
    package func prepare() throws -> RunnerHome {
        // With all folders there, one stat each: start-up time counts.
        for folder in folders where access(folder, W_OK | X_OK) != 0 {
            do {
                // Root's private cluster runs as another user, which has to pass through the top folder to its data.
                let mode = geteuid() == 0 && folder == root ? 0o711 : 0o700
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
            } catch {
                throw RunnerHome.unusable(folder)
            }
            guard access(folder, W_OK | X_OK) == 0 else { throw RunnerHome.unusable(folder) }
        }
        guard let real = realpath(root, nil) else { throw RunnerHome.unusable(root) }
        defer { free(real) }
        var home = RunnerHome(root: String(cString: real))
        home.isThrowaway = isThrowaway
        return home
    }

    private var folders: [String] { [root, hubs, worktrees, attempts, trash, spares] }

    /// Whether `prepare` has nothing to make.
    var isPrepared: Bool { folders.allSatisfy { access($0, W_OK | X_OK) == 0 } }

    private static func unusable(_ folder: String) -> EngineError {
        var number = errno
        var status = stat()
        // To a file the system only says that it may not be entered.
        if stat(folder, &status) == 0, status.st_mode & S_IFMT != S_IFDIR { number = ENOTDIR }
        return .system(
            "the data folder \"\(folder)\" cannot be used", errno: number,
            advice: "make it writable, or set RUNNER_HOME to another folder")
    }

    /// `path` made absolute against the working directory, without touching the disk.
    package static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return URL(fileURLWithPath: path).standardizedFileURL.path }
        return URL(fileURLWithPath: FileManager.default.currentDirectoryPath + "/" + path).standardizedFileURL.path
    }
}
