import Foundation
import Store

/// Who of the daemons that start by themselves serves a data folder: commands, guards and a dead daemon's successor may
/// all start one in the same moment, and one is enough.
struct DaemonTurn: Sendable {
    enum Answer: Sendable {
        /// The turn lasts until the lock is released, at the latest with the process.
        case taken(LockedDescriptor)
        /// Another daemon has the turn and serves, or is about to.
        case superfluous
        /// Another process has the lock, but it does not work: it may be stopped, or hang.
        case unclear
    }

    let workspace: Workspace

    /// How long a daemon that has the lock may need until it serves, or, as one that is dying, until it lets go of it.
    static let patience = Duration.seconds(10)

    /// Waits only while another process has the lock and no daemon of this host serves.
    func take() async throws -> Answer {
        let end = ContinuousClock.now + DaemonTurn.patience
        var isAbsent = false
        repeat {
            if let lock = try LockedDescriptor(path: workspace.home.serveLock, waits: false) { return .taken(lock) }
            do {
                if try await BackgroundDaemon(workspace: workspace).serving() != nil { return .superfluous }
                isAbsent = false
            } catch  where DatabaseAbsence.explains(error) {
                isAbsent = true
            }
            try await Task.sleep(for: .milliseconds(50))
        } while ContinuousClock.now < end
        // Without the database nobody can serve, whoever has the lock.
        return isAbsent ? .superfluous : .unclear
    }
}
