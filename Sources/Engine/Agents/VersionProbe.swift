import Foundation
import Glibc
import Subprocess
import SystemPackage

/// Asks a program for its version, within a time limit.
struct VersionProbe: Sendable {
    enum Answer: Sendable, Hashable {
        case notFound
        /// The first line that it printed.
        case version(String, path: String)
        case failed(String, path: String)
    }

    let environment: [String: String]

    /// In seconds; Python programs of some size take a few when they are started for the first time.
    var limit = 20

    /// Runs `command` with nothing on its standard input; what it started ends with it at the limit.
    func ask(_ command: [String]) async -> Answer {
        guard let program = command.first, let path = ProgramPath.find(program, on: environment["PATH"]) else {
            return .notFound
        }
        // `timeout` (coreutils) ends the whole group of processes.
        let timeout = ProgramPath.find("timeout", on: environment["PATH"])
        let guarded = timeout.map { [$0, "-k", "1", String(limit), path] } ?? [path]
        let arguments = guarded + command.dropFirst()
        let result = try? await Subprocess.run(
            .path(FilePath(arguments[0])), arguments: Arguments(Array(arguments.dropFirst())),
            output: .string(limit: 64 << 10), error: .discarded)
        guard let result else { return .failed("it could not be asked for its version", path: path) }
        switch result.terminationStatus {
        case .exited(0):
            let line = result.standardOutput.split(whereSeparator: \.isNewline).first.map(String.init)
            return .version(line ?? "", path: path)
        case .exited(124) where timeout != nil, .exited(137) where timeout != nil:
            return .failed("it did not tell its version within \(limit) s", path: path)
        case .exited(let code):
            return .failed("\(command.joined(separator: " ")) ended with exit status \(code)", path: path)
        case .signaled(let signal):
            return .failed("\(command.joined(separator: " ")) was killed by signal \(signal)", path: path)
        }
    }
}
