import Synchronization

/// Why a walk ends although attempts run in it: those learn only that they are cancelled.
final class WalkCause: Sendable {
    private let state = Mutex<(any Error)?>(nil)

    /// The first one counts.
    func note(_ error: any Error) {
        state.withLock { $0 = $0 ?? error }
    }

    /// What `error`, thrown by an attempt, comes from.
    func behind(_ error: any Error) -> any Error {
        guard error is CancellationError else { return error }
        return state.withLock { $0 } ?? error
    }
}
