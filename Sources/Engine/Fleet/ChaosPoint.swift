import CPlatform
import Glibc
import Synchronization

/// A named edge of the engine at which a test lets this process be killed, as if the power went just there.
///
/// Only debug builds have it, and only with `RUNNER_CHAOS_POINT=<name>:<n>`, for the n-th time that the process comes
/// by, and with `RUNNER_CHAOS_ONCE=<path>`, a file whose making lets it happen once for all processes together.
enum ChaosPoint: String {
    case runClaimed, environmentRecorded, environmentMade
    case attemptBegun, shimLaunched, attemptExited, checkpointMade, branchMoved, packKept, attemptFinished
    case attemptFolderRemoved, runPublished, runFinished

    @inline(__always)
    func reach() {
        #if DEBUG
            guard let wanted = ChaosPoint.wanted, wanted.name == rawValue else { return }
            if ChaosPoint.passed.wrappingAdd(1, ordering: .relaxed).newValue == wanted.count { ChaosPoint.die() }
        #endif
    }

    #if DEBUG
        private static let passed = Atomic<Int>(0)

        private static let wanted: (name: String, count: Int)? = {
            guard let value = getenv("RUNNER_CHAOS_POINT").map({ String(cString: $0) }) else { return nil }
            let parts = value.split(separator: ":")
            guard parts.count == 2, let count = Int(parts[1]) else { return nil }
            return (String(parts[0]), count)
        }()

        private static func die() {
            if let path = getenv("RUNNER_CHAOS_ONCE") {
                let marker = runner_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
                guard marker >= 0 else { return }
            }
            kill(getpid(), SIGKILL)
        }
    #endif
}
