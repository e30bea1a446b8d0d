/// Listens on a connection of its own and reconnects by itself.
///
/// One consumer iterates it. It keeps the newest 1,024 notifications for a slow consumer: a notification is a wake-up,
/// the tables are the truth. The sequence ends after `close()` and when its consumer is cancelled.
package struct PostgresListener: AsyncSequence, Sendable {
    package typealias Element = PostgresNotification

    private let core: PostgresListenerCore
    private let stream: AsyncStream<PostgresNotification>

    /// Begins to connect at once, in the background.
    ///
    /// `preparing` runs on each new connection before it listens, for instance to take a session's advisory lock; when
    /// it throws, the connection is tried again.
    package init(
        _ target: ConnectionTarget, channels: [String], applicationName: String,
        preparing: @escaping @Sendable (borrowing PostgresConnection) throws -> Void = { _ in }
    ) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: PostgresNotification.self, bufferingPolicy: .bufferingNewest(1024))
        let core = PostgresListenerCore(
            target, channels: channels, applicationName: applicationName, continuation: continuation,
            preparing: preparing)
        continuation.onTermination = { _ in Task { await core.close() } }
        Task { await core.connect() }
        self.core = core
        self.stream = stream
    }

    package func makeAsyncIterator() -> AsyncStream<PostgresNotification>.Iterator {
        stream.makeAsyncIterator()
    }

    /// Returns when the connection is closed and the sequence has ended.
    package func close() async {
        await core.close()
    }
}
