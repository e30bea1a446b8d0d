import CPlatform
import Foundation
import Glibc

/// A process that a command leaves behind to finish what nobody should wait for.
enum Leftover {
    /// Starts this very program with other arguments, in a session of its own, without input and output.
    ///
    /// Nothing happens inside another program, as a test's; what it would have done is done by the next command.
    static func start(_ arguments: [String], home: RunnerHome, environment: [String: String]) {
        guard let program = ProgramPath.own, program.hasSuffix("/runner") else { return }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        _ = runner_spawn_add_close_from(&actions, 3)
        posix_spawnattr_setflags(&attributes, runner_spawn_setsid_flag())
        // Not in the folder of the command: it may be a worktree, which must not have a process inside.
        let script = ["/bin/sh", "-c", "cd / && exec \"$@\"", "sh", program]
        let words: [UnsafeMutablePointer<CChar>?] = (script + arguments).map { strdup($0) } + [nil]
        let absolute = environment.merging(["RUNNER_HOME": home.root]) { $1 }
        let variables: [UnsafeMutablePointer<CChar>?] = absolute.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var pid: pid_t = 0
        _ = posix_spawn(&pid, script[0], &actions, &attributes, words, variables)
    }
}
