import Foundation

/// How a worker works: intervals and limits, with what the environment says of them.
struct WorkerSettings: Sendable {
    /// From a heartbeat on; `RUNNER_LEASE_SECONDS`.
    var lease = Duration.seconds(30)
    /// Between two looks into the database, in milliseconds; a notification comes earlier.
    var pollRange = 1_000...2_000
    /// The same while nothing is at work anywhere, so that all that can come is told.
    var quietRange = 8_000...10_000
    /// False where a proxy hands out a connection for each transaction: no notifications and no lock then;
    /// `RUNNER_DATABASE_POOLED=1`.
    var listens = true
    /// Free memory below which no further run is begun, in bytes; `RUNNER_MIN_FREE_MEMORY` in MiB.
    var minimumFreeMemory = 256 << 20
    /// Whether an unanswered lease ends this worker's steps: not where all workers are on this machine.
    var endsStepsWithoutDatabase: Bool

    static let leaseRange = 0.5...3_600

    /// One sixth of the lease: three may be lost before two thirds of it are over.
    var beatInterval: Duration { lease / 6 }

    init(_ settings: RunnerSettings) {
        let environment = settings.environment
        if let text = environment["RUNNER_LEASE_SECONDS"], let seconds = Double(text), Self.leaseRange.contains(seconds)
        {
            lease = .seconds(seconds)
        }
        if let text = environment["RUNNER_MIN_FREE_MEMORY"], let size = Int(text), size >= 0 {
            minimumFreeMemory = size << 20
        }
        listens = environment["RUNNER_DATABASE_POOLED"] != "1"
        endsStepsWithoutDatabase = settings.storage == .server
    }
}
