import BlockingIO
import CLibpq
import Dispatch

/// The connection of a listener and the read source on its socket.
actor PostgresListenerCore {
    private let executor = BlockingExecutor(label: "postgres listener")
    private let target: ConnectionTarget
    private let channels: [String]
    private let applicationName: String
    private let continuation: AsyncStream<PostgresNotification>.Continuation
    private let preparing: @Sendable (borrowing PostgresConnection) throws -> Void
    private var connection: PostgresConnection?
    private var source: (any DispatchSourceRead)?
    private var isClosed = false
    private var failures = 0

    init(
        _ target: ConnectionTarget, channels: [String], applicationName: String,
        continuation: AsyncStream<PostgresNotification>.Continuation,
        preparing: @escaping @Sendable (borrowing PostgresConnection) throws -> Void
    ) {
        self.target = target
        self.channels = channels
        self.applicationName = applicationName
        self.continuation = continuation
        self.preparing = preparing
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func connect() {
        guard !isClosed, source == nil else { return }
        do {
            let connection = try PostgresConnection.open(target, applicationName: applicationName)
            try preparing(connection)
            let names = channels.map { "listen \"\($0.replacing("\"", with: "\"\""))\";" }
            try connection.executeScript(names.joined())
            watch(PQsocket(connection.handle))
            self.connection = consume connection
        } catch {
            failures += 1
            return retryLater()
        }
        failures = 0
        for channel in channels {
            continuation.yield(PostgresNotification(channel: channel, payload: "", isCatchUp: true))
        }
        // What came in with the answer to LISTEN makes the socket readable no more.
        drain()
    }

    func close() async {
        isClosed = true
        continuation.finish()
        disconnect()
        // The socket is closed by the source's cancel handler, which runs on this queue before what follows.
        while source != nil { await Task.yield() }
    }

    private func watch(_ descriptor: Int32) {
        let source = executor.makeReadSource(descriptor: descriptor)
        source.setEventHandler { self.assumeIsolated { $0.drain() } }
        source.setCancelHandler { self.assumeIsolated { $0.finishDisconnecting() } }
        self.source = source
        source.resume()
    }

    private func drain() {
        guard readNotifications() else { return disconnect() }
    }

    /// False when the connection is lost.
    private func readNotifications() -> Bool {
        switch connection {
        case .some(let connection):
            let isOpen = connection.takeInput()
            while let pointer = PQnotifies(connection.handle) {
                defer { PQfreemem(pointer) }
                continuation.yield(
                    PostgresNotification(
                        channel: String(cString: pointer.pointee.relname),
                        payload: String(cString: pointer.pointee.extra), isCatchUp: false))
            }
            return isOpen
        case .none:
            return true
        }
    }

    /// A descriptor that Dispatch still watches must not be closed, so closing waits for the cancel handler.
    private func disconnect() {
        source?.cancel()
    }

    private func finishDisconnecting() {
        connection = nil
        source = nil
        failures += 1
        retryLater()
    }

    /// Waits 0.1 s at first and 2 s at most, jittered so that many listeners do not return together.
    private func retryLater() {
        guard !isClosed else { return }
        let milliseconds = min(2000, 50 << min(failures, 6))
        Task {
            try? await Task.sleep(for: .milliseconds(Int.random(in: milliseconds / 2...milliseconds)))
            connect()
        }
    }
}
