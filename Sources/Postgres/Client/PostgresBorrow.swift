import CLibpq
import Dispatch
import Synchronization

/// The cancel switch of one loan of a connection.
///
/// Each loan has its own, and it is disarmed before the connection goes back, so that a late cancel cannot hit the
/// next borrower.
final class PostgresBorrow: Sendable {
    private struct State {
        var isCancelled = false
        var cancel: OpaquePointer?
    }

    private let state = Mutex(State())

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// From here until `disarm`, cancelling interrupts what the server runs for this connection.
    func arm(_ connection: borrowing PostgresConnection) {
        let address = UInt(bitPattern: PQgetCancel(connection.handle))
        state.withLock { $0.cancel = OpaquePointer(bitPattern: address) }
    }

    /// Waits for a cancel request under way; afterwards none can be sent.
    func disarm() {
        state.withLock { state in
            PQfreeCancel(state.cancel)
            state.cancel = nil
        }
    }

    /// Returns at once; the request is sent from another thread, because it connects and blocks.
    func cancel() {
        state.withLock { $0.isCancelled = true }
        DispatchQueue.global().async { self.sendWhileArmed() }
    }

    /// The server drops a request that arrives between two statements, so it is repeated until the loan ends.
    private func sendWhileArmed() {
        let isArmed = state.withLock { state in
            guard let cancel = state.cancel else { return false }
            var message = [CChar](repeating: 0, count: 256)
            PQcancel(cancel, &message, Int32(message.count))
            return true
        }
        guard isArmed else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(20)) { self.sendWhileArmed() }
    }
}
