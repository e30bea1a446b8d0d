import Synchronization

/// A bell that loops wait for, each at most for a time; what rings while nobody waits is kept for one.
final class WakeUp: Sendable {
    private struct State {
        var isRung = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextTicket = 0
        /// Whose limit is not over, and whose wait has not begun.
        var early: Set<Int> = []
    }

    private let state = Mutex(State())

    func ring() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.isRung = state.waiters.isEmpty
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when it rings, when `limit` is over, or when the waiting task is cancelled.
    func wait(atMost limit: Duration) async {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            state.early.insert(state.nextTicket)
            return state.nextTicket
        }
        let timer = Task {
            try? await Task.sleep(for: limit)
            self.end(ticket)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // Its limit may be over before it has begun.
                    guard state.early.remove(ticket) != nil, !Task.isCancelled else { return true }
                    if state.isRung {
                        state.isRung = false
                        return true
                    }
                    state.waiters[ticket] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            end(ticket)
        }
        timer.cancel()
    }

    private func end(_ ticket: Int) {
        let waiter = state.withLock { state in
            state.early.remove(ticket)
            return state.waiters.removeValue(forKey: ticket)
        }
        waiter?.resume()
    }
}
