import Foundation

/// Acts when heartbeats went unanswered for two thirds of the lease, or when this process slept for so long.
struct LeaseGuard: Sendable {
    let worker: Worker

    /// How long a worker that finds its lease old tries to renew it before it ends its steps.
    static let lastTry = Duration.milliseconds(500)

    func run() async {
        while !Task.isCancelled, !worker.isOver {
            let left = worker.lease.trustedUntil - BootClock.now
            if left > .zero {
                try? await Task.sleep(for: left + .milliseconds(10))
            } else {
                await runOnce()
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }

    /// Tries once to renew the lease; without an answer every run is let go where others may have it by now.
    ///
    /// Where all workers are on this machine nobody else can run a step that this one started, since it would adopt
    /// it: then the steps go on, and nothing is written until the database answers.
    func runOnce() async {
        let heartbeat = Heartbeat(worker: worker)
        let beat = Task { try? await heartbeat.runOnce() }
        let end = ContinuousClock.now + Self.lastTry
        while !worker.lease.isTrusted, ContinuousClock.now < end, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(20))
        }
        _ = beat
        guard !worker.lease.isTrusted, worker.settings.endsStepsWithoutDatabase, !Task.isCancelled else { return }
        worker.runs.leaveAll(.expired)
    }
}
