import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore
import Subprocess
import SystemPackage

/// Tries a command at commits, each in a fresh worktree of its own that is gone afterwards.
struct Bisector: Sendable {
    let hub: Hub
    /// Where the worktrees are made; ours alone.
    let folder: String
    let command: String
    let environment: [String: String]
    let lane: BlockingLane
    /// Whether the command's output goes to standard error.
    let shows: Bool

    private static let prefix = "bisect-"

    /// The exit status of the command at `commit`; 128 and the signal's number when one ended it.
    ///
    /// Throws `CancellationError`, with everything taken away, when the calling task was cancelled.
    func status(at commit: ObjectID) async throws -> Int {
        let name = "\(Self.prefix)\(getpid())-\(UUID().uuidString.prefix(8).lowercased())"
        let (hub, path) = (hub, "\(folder)/\(name)")
        let worktree = try await lane.run {
            try Worktree.addDetached(hub: hub, name: name, path: path, commit: commit)
        }
        let outcome: Result<Int, any Error>
        do { outcome = .success(try await run(in: path)) } catch { outcome = .failure(error) }
        try await lane.run { try worktree.discard() }
        // A command that was ended for this says nothing about the commit.
        try Task.checkCancellation()
        return try outcome.get()
    }

    private func run(in directory: String) async throws -> Int {
        var values: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in environment where !name.hasPrefix("GIT_") && !name.hasPrefix("RUNNER_") {
            guard let key = Subprocess.Environment.Key(rawValue: name) else { continue }
            values[key] = value
        }
        let sink: FileDescriptor = shows ? .standardError : try .open("/dev/null", .writeOnly)
        defer { if !shows { try? sink.close() } }
        // What the command has started is to end with it: its folder goes away.
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(5))
        ]
        let result = try await Subprocess.run(
            .path("/bin/sh"), arguments: ["-c", CallerLimits.shellPrefix(environment) + command],
            environment: .custom(values),
            workingDirectory: FilePath(directory), platformOptions: options, input: .none,
            output: .fileDescriptor(sink, closeAfterSpawningProcess: false),
            error: .fileDescriptor(sink, closeAfterSpawningProcess: false))
        return switch result.terminationStatus {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    }

    /// Takes away what killed commands left.
    func purge() async throws {
        let (hub, folder) = (hub, folder)
        try await lane.run {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                let parts = name.split(separator: "-")
                guard name.hasPrefix(Self.prefix), parts.count == 3, let pid = pid_t(parts[1]),
                    kill(pid, 0) != 0, errno == ESRCH
                else { continue }
                try? Worktree(hub: hub, name: name, path: "\(folder)/\(name)").discard()
            }
        }
    }
}
