import CPlatform
import Foundation
import Glibc

/// Runs a shell that says `ready` and waits; it ends when its input closes.
func whileRunning<R: Sendable>(
    _ script: String, _ path: String, _ body: @Sendable () throws -> R
) async throws -> R {
    var input: [Int32] = [0, 0]
    var output: [Int32] = [0, 0]
    guard runner_pipe(&input) == 0, runner_pipe(&output) == 0 else { throw CocoaError(.fileReadUnknown) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, input[0], 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], 1)
    var pid: pid_t = 0
    let words: [String] = ["/bin/sh", "-c", script, "sh", path]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    let spawned = posix_spawn(&pid, "/bin/sh", &actions, nil, arguments, environ)
    posix_spawn_file_actions_destroy(&actions)
    close(input[0])
    close(output[1])
    defer { close(output[0]) }
    guard spawned == 0 else { throw CocoaError(.executableLoad) }
    var byte: UInt8 = 0
    // Reading ends with the first letter, or with the end of the shell when it failed.
    _ = read(output[0], &byte, 1)
    let result = Result { try body() }
    close(input[1])
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    return try result.get()
}
