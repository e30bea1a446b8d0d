import Foundation
import RunnerCore
import Subprocess
import SystemPackage

/// The user's own program for messages, which `RUNNER_NOTIFY` names: the message is its standard input.
struct NotifyCommand: Sendable {
    /// For `sh -c`.
    let command: String
    let environment: [String: String]

    /// Seconds that it may take.
    private static let limit = 30

    /// Nil where the user has none.
    init?(job: StepJob, environment: [String: String]) {
        guard let command = environment["RUNNER_NOTIFY"], !command.isEmpty else { return nil }
        self.command = CallerLimits.shellPrefix(environment) + command
        var values = environment.filter { !$0.key.hasPrefix("RUNNER_") }
        values["RUNNER_TASK_NUMBER"] = "\(job.task.number)"
        values["RUNNER_TASK_TITLE"] = job.task.title
        values["RUNNER_REPOSITORY"] = job.repository.name
        values["RUNNER_STEP"] = job.step.id
        self.environment = values
    }

    /// What went wrong; nil when nothing did. Throws `CancellationError` alone.
    func run(_ message: String) async throws -> String? {
        let pairs = environment.compactMap { name, value in
            Subprocess.Environment.Key(rawValue: name).map { ($0, value) }
        }
        do {
            // timeout(1) ends what the program has started too, also when it is ended itself.
            var options = PlatformOptions()
            options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(6))]
            let result = try await Subprocess.run(
                .path("/usr/bin/timeout"), arguments: ["-k", "5", "\(Self.limit)", "/bin/sh", "-c", command],
                environment: .custom(Dictionary(pairs, uniquingKeysWith: { $1 })), platformOptions: options,
                input: .fileDescriptor(
                    try MemoryFile.holding(Array("\(message)\n".utf8)), closeAfterSpawningProcess: true),
                output: .discarded, error: .discarded)
            if result.terminationStatus.isSuccess { return nil }
            if case .exited(124) = result.terminationStatus { return "RUNNER_NOTIFY took longer than \(Self.limit) s" }
            return "RUNNER_NOTIFY failed (\(result.terminationStatus))"
        } catch let error as CancellationError {
            throw error
        } catch {
            return "RUNNER_NOTIFY could not be run: \(error)"
        }
    }
}
