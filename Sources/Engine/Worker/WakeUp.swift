import Synchronization

/// A bell that one loop waits for, at most for a time; what rings while nobody waits is kept.
final class WakeUp: Sendable {
    private struct State {
        var isRung = false
        var waiter: (Int, CheckedContinuation<Void, Never>)?
        var nextTicket = 0
    }

    private let state = Mutex(State())

    func ring() {
        let waiter = state.withLock { state in
            let waiter = state.waiter?.1
            state.isRung = waiter == nil
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns when it rings, when `limit` is over, or when the waiting task is cancelled.
    func wait(atMost limit: Duration) async {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        let timer = Task {
            try? await Task.sleep(for: limit)
            self.end(ticket)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isRung || Task.isCancelled {
                        state.isRung = false
                        return true
                    }
                    state.waiter = (ticket, continuation)
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
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter, waiter.0 == ticket else { return nil }
            state.waiter = nil
            return waiter.1
        }
        waiter?.resume()
    }
}
