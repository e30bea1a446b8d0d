import CPlatform
import Foundation
import Git
import Glibc
import RunnerCore

/// A scratch folder with a data folder and a repository of its own, for one trial.
struct AgentTrialFolder: Sendable {
    let path: String

    private static let prefix = "runner-agent-test."

    var home: String { path + "/home" }
    var repository: String { path + "/project" }

    /// Makes it below `TMPDIR`, and removes what trials left whose process was killed.
    static func make(environment: [String: String]) async throws -> AgentTrialFolder {
        let parent = environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
        await sweep(parent, environment)
        var template = Array("\(parent)/\(prefix)\(getpid()).XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw EngineError(
                .homeUnusable, "no folder can be made in \(parent) (\(String(cString: strerror(errno))))",
                hint: "set TMPDIR to a folder of yours")
        }
        let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } } ?? ""
        // Root's database runs as another user, which has to reach its data below.
        chmod(path, 0o711)
        return AgentTrialFolder(path: path)
    }

    /// What this process, and the keeper of its database, take for the user's settings.
    func settings(_ environment: [String: String]) throws -> RunnerSettings {
        var environment = environment
        for name in ["RUNNER_DATABASE_URL", "RUNNER_AGENT", "RUNNER_HOST", "RUNNER_NOTIFY"] { environment[name] = nil }
        environment["RUNNER_HOME"] = home
        environment["RUNNER_STORAGE"] = "memory"
        // A killed trial must not be gone on with by a daemon.
        environment["RUNNER_NO_GUARD"] = "1"
        return try RunnerSettings(environment: environment)
    }

    /// A repository with one commit on `main`.
    func makeRepository(_ environment: [String: String]) async throws {
        try FileManager.default.createDirectory(atPath: repository, withIntermediateDirectories: true)
        try Data("A scratch repository of runner agent test.\n".utf8).write(
            to: URL(fileURLWithPath: repository + "/README"))
        let git = GitCommand(transports: "", environment: environment)
        let identity = ["-c", "user.name=runner", "-c", "user.email=runner@localhost", "-c", "commit.gpgsign=false"]
        for arguments in [["init", "-q", "-b", "main"], ["add", "-A"], identity + ["commit", "-q", "-m", "first"]] {
            let output = try await git.run(arguments, in: repository)
            guard output.status == 0 else {
                throw EngineError(.programMissing, "git made no repository: \(output.messages)", hint: nil)
            }
        }
    }

    /// Ends the database and takes the folder away; whatever fails, the rest goes.
    func remove(_ environment: [String: String]) async {
        if let settings = try? settings(environment), FileManager.default.fileExists(atPath: home) {
            _ = try? await DatabaseAdministration(settings: settings).stop(force: true)
        }
        guard let parent = realpath((path as NSString).deletingLastPathComponent, nil) else { return }
        defer { free(parent) }
        let root = String(cString: parent)
        let real = root + "/" + (path as NSString).lastPathComponent
        guard let identity = try? DirectoryIdentity(of: real) else { return }
        try? DirectoryRemoval.remove(real, expected: identity, beneath: root)
    }

    private static func sweep(_ parent: String, _ environment: [String: String]) async {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] {
            guard name.hasPrefix(prefix), let pid = pid_t(name.dropFirst(prefix.count).prefix { $0 != "." }),
                kill(pid, 0) != 0, errno == ESRCH
            else { continue }
            var info = stat()
            let path = "\(parent)/\(name)"
            guard lstat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR, info.st_uid == geteuid() else { continue }
            await AgentTrialFolder(path: path).remove(environment)
        }
    }
}
