import Dispatch
import Foundation
import Synchronization

/// Stops an agent that stays on long after it said that it is done.
final class Lingering: Sendable {
    private struct State {
        var timer: (any DispatchSourceTimer)?
        var isOver = false
        var wasStopped = false
    }

    private let state = Mutex(State())

    /// Starts the clock once; later calls change nothing.
    func begin(_ attempt: RunningAttempt, after limit: TimeInterval) {
        state.withLock { state in
            guard state.timer == nil, !state.isOver else { return }
            let timer = DispatchSource.makeTimerSource(queue: .global())
            timer.schedule(deadline: .now() + limit)
            timer.setEventHandler { [weak self] in
                self?.state.withLock { $0.wasStopped = !$0.isOver }
                try? attempt.cancel()
            }
            timer.resume()
            state.timer = timer
        }
    }

    func end() {
        state.withLock { state in
            state.isOver = true
            state.timer?.cancel()
        }
    }

    var wasStopped: Bool { state.withLock { $0.wasStopped } }
}
