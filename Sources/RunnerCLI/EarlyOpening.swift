import Engine
import Foundation
import Glibc
import Synchronization

/// Opens the workspace on another processor while the command line is being read, where nothing has to be made for it.
///
/// Reading the command line takes as long as the way to the database.
enum EarlyOpening {
    /// Commands that always open the workspace and that people wait for.
    static let commands = [
        "approvals", "board", "diff", "list", "log", "path", "retry", "show", "start", "steps", "tell", "tools",
    ]

    private static let opening = Mutex<Task<Workspace?, any Error>?>(nil)

    /// Begins, when the first of the command line's `arguments` (without the program) is one of these commands.
    static func begin(_ arguments: some Collection<String>) {
        guard let name = arguments.first, commands.contains(name), !arguments.contains(where: isHelp) else { return }
        let task = Task.detached {
            try await Workspace.openRunning(try Session.settings())
        }
        opening.withLock { $0 = task }
        // Linux leaves a new thread on its maker's processor until that one's slice of 3 ms is over, though another is idle.
        sched_yield()
    }

    /// The workspace, once; nil when it was not opened early. Throws what opening it did.
    static func take() async throws -> Workspace? {
        let task = opening.withLock { task in
            defer { task = nil }
            return task
        }
        return try await task?.value
    }

    private static func isHelp(_ argument: String) -> Bool { argument == "--help" || argument == "-h" }
}
