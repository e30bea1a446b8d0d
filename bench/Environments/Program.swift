import Foundation
import Glibc

/// Runs programs with a plain environment and waits for them.
enum Program {
    static func git(_ arguments: String..., in directory: String) throws {
        try run(["/usr/bin/git", "-C", directory] + arguments)
    }

    static func output(_ arguments: String..., in directory: String) throws -> String {
        let file = "/tmp/runner-bench.\(getpid()).out"
        defer { unlink(file) }
        try run(["/usr/bin/git", "-C", directory] + arguments, output: file)
        return try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static func run(_ words: [String], output: String = "/dev/null") throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var pid = pid_t()
        var status: Int32 = 0
        guard posix_spawn(&pid, words[0], &actions, nil, &arguments, &environment) == 0,
            waitpid(pid, &status, 0) == pid, status == 0
        else {
            throw CocoaError(.executableLoad, userInfo: [NSLocalizedDescriptionKey: words.joined(separator: " ")])
        }
    }

    private static let variables = [
        "PATH=/usr/bin:/bin", "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C", "GIT_AUTHOR_NAME=a",
        "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org",
    ]
}
