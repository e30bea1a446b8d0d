import Foundation
import Glibc

/// The edges of a removal, named so that a test can end the process at one of them.
///
/// Where `RUNNER_CRASH_AT` names an edge the process kills itself there, as a power cut would; without it nothing
/// happens.
enum CrashPoint: String, CaseIterable {
    /// The removal is recorded, nothing is done.
    case expiring
    /// The gates are passed and the last state of the branch is kept.
    case quiet
    /// The snapshot's reference is on the disk, and nothing says so yet.
    case written
    case saved
    /// The place in the trash is recorded, the directory is where it was.
    case verified
    /// The directory is in the trash, and nothing says so yet.
    case moved
    /// Its administrative folder is gone too.
    case unlinked
    case trashed
    /// The undo window is over: the directory cannot come back, and nothing says so yet.
    case claimed
    /// The directory in the trash is being looked at for late changes.
    case looking
    /// A directory came back from the trash, and nothing says so yet.
    case returned
    /// A directory that was gone is checked out again beside its place.
    case rebuilt
    /// It has its name, its submodules are still to come.
    case placed

    private static let chosen = ProcessInfo.processInfo.environment["RUNNER_CRASH_AT"]

    static func reach(_ edge: CrashPoint) {
        if let chosen, chosen == edge.rawValue { kill(getpid(), SIGKILL) }
    }
}
