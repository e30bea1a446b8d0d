import Foundation
import Git
import RunnerCore

/// Copies untracked files that a project needs (`.env` and the like) from the person's own checkout into a worktree.
struct EnvironmentFiles: Sendable {
    let settings: RunnerSettings

    /// The file in a checkout whose lines name what comes along, in the form of `.gitignore`.
    static let includeFile = ".worktreeinclude"
    /// More than this is no configuration: a dependency folder was meant, which has its own setting.
    static let limit = 200

    /// Copies what the repository's setting `copy` and `.worktreeinclude` name; returns what a person should know.
    ///
    /// Only files that the repository ignores are copied: others would become part of the task's commits. Blocks are
    /// shared where the file system can, so that nothing is written twice; a later change never reaches the original.
    func copy(from checkout: String, to worktree: Worktree, patterns: [String]) async throws -> [String] {
        var lines = patterns
        if let text = try? String(contentsOfFile: "\(checkout)/\(Self.includeFile)", encoding: .utf8) {
            // As git reads such files: with the line ends of Windows too, and whatever mark its editors begin with.
            let content = text.hasPrefix("\u{FEFF}") ? text.dropFirst() : text[...]
            lines += content.split { $0 == "\n" || $0 == "\r\n" }.map(String.init)
        }
        lines = lines.filter { !$0.trimmingCharacters(in: .whitespaces).isEmpty && !$0.hasPrefix("#") }
        guard !lines.isEmpty else { return [] }
        let paths = try await matching(lines, in: checkout)
        var notes: [String] = []
        if paths.count > Self.limit { notes.append("only the first \(Self.limit) of \(paths.count) files are copied") }
        for path in paths.prefix(Self.limit) {
            if let problem = try FileCopy.copy(BytePath(path), from: checkout, to: worktree) { notes.append(problem) }
        }
        return notes
    }

    /// The untracked files that the patterns match, as `git` reads them, in the person's own checkout.
    private func matching(_ lines: [String], in checkout: String) async throws -> [String] {
        let git = GitCommand(transports: "none", environment: settings.environment)
        let exclusions = lines.map { "--exclude=\($0)" }
        let output = try await git.run(
            ["-c", "core.fsmonitor=false", "ls-files", "-z", "--others", "--ignored"] + exclusions, in: checkout)
        guard output.status == 0 else {
            throw EngineError(
                .invalidArgument, "the files to copy cannot be listed in \"\(checkout)\": \(output.messages)",
                hint: "correct the setting copy or the file \(Self.includeFile)")
        }
        return output.standardOutput.split(separator: "\0").map(String.init)
    }
}
