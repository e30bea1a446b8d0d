import CPlatform
import Dispatch
import Glibc
import Synchronization

/// Lends spare sessions to programs of the same user, each for good, over a Unix socket beside the server's.
///
/// A program connects as to a server, is greeted in the server's place, and is then given the connection itself: from
/// there on nothing of it depends on this process.
package final class SessionLender: Sendable {
    private struct State {
        var sessions: [SpareSession] = []
        /// The latest that were lent, by process and key.
        var lent: [(processID: Int32, key: UInt32)] = []
    }

    private let path: String
    private let target: ConnectionTarget
    private let wanted: [String: String]
    private let onLent: @Sendable () -> Void
    private let state = Mutex(State())
    /// Its methods may be called from any thread (libdispatch).
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let inode: ino_t

    /// The port in the name of the socket; the server's own is 5432.
    static let port = "5433"
    /// Seconds that a program has for each of its two messages.
    private static let patience = timeval(tv_sec: 0, tv_usec: 200_000)

    /// Lends sessions as a client with this target and name would open them; `onLent` is called after each request.
    ///
    /// Takes the place of another lender. Throws `connectionFailed` when the socket cannot be made.
    package init(
        _ target: ConnectionTarget, applicationName: String, onLent: @escaping @Sendable () -> Void
    ) throws(PostgresError) {
        path = UnixSocket.path(in: target.parameters["host"] ?? "", port: Self.port)
        self.target = target
        self.onLent = onLent
        wanted = PostgresConnection.startupParameters(target, applicationName: applicationName)
        let descriptor = UnixSocket.listen(path)
        var facts = stat()
        guard descriptor >= 0, lstat(path, &facts) == 0 else {
            throw PostgresError(
                .connectionFailed, operation: "lend sessions", message: "cannot make the socket \(path)")
        }
        inode = facts.st_ino
        let queue = DispatchQueue(label: "runner.lender")
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { [weak self] in self?.serve(descriptor) }
        source.setCancelHandler { close(descriptor) }
        source.resume()
    }

    deinit {
        stop()
    }

    /// How many sessions wait; those that the server has ended are forgotten.
    package var count: Int {
        state.withLock { state in
            state.sessions.removeAll { !$0.isAlive }
            return state.sessions.count
        }
    }

    package func add(_ session: SpareSession) {
        state.withLock { $0.sessions.append(session) }
    }

    /// Ends the sessions that nobody took.
    package func stop() {
        guard !source.isCancelled else { return }
        var facts = stat()
        // Another one may have taken the place.
        if lstat(path, &facts) == 0, facts.st_ino == inode { unlink(path) }
        source.cancel()
        state.withLock { $0.sessions = [] }
    }

    private func serve(_ listener: Int32) {
        let client = runner_accept(listener)
        guard client >= 0 else { return }
        defer { close(client) }
        var user = uid_t()
        guard runner_peer_user(client, &user) == 0, user == geteuid() else { return }
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            var patience = Self.patience
            setsockopt(client, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        switch readPacket(client) {
        case .session(let parameters) where parameters == wanted: lend(client)
        case .cancel(let processID, let key): cancel(processID, key)
        default: return
        }
    }

    private func readPacket(_ client: Int32) -> StartupPacket? {
        guard let length = read(4, from: client)?.reduce(0, { $0 << 8 | Int($1) }), 8...10_000 ~= length else {
            return nil
        }
        return read(length - 4, from: client).flatMap { StartupPacket($0) }
    }

    private func read(_ count: Int, from client: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return recv(client, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
    }

    private func lend(_ client: Int32) {
        defer { onLent() }
        guard let session = take() else { return }
        let greeting = session.greeting
        guard send(client, greeting, greeting.count, Int32(MSG_NOSIGNAL)) == greeting.count,
            // It has read the greeting, so that what is sent next is not taken for a part of it.
            read(1, from: client) != nil, runner_send_descriptor(client, session.descriptor) == 0
        else { return }
        state.withLock { state in
            state.lent.append((session.processID, session.key))
            if state.lent.count > 64 { state.lent.removeFirst() }
        }
    }

    private func take() -> SpareSession? {
        state.withLock { state in
            while let session = state.sessions.popLast() {
                if session.isAlive { return session }
            }
            return nil
        }
    }

    private func cancel(_ processID: Int32, _ key: UInt32) {
        guard state.withLock({ $0.lent.contains { $0 == (processID, key) } }) else { return }
        _ = try? PostgresConnection.open(target, applicationName: "runner cancel")
            .query("select pg_cancel_backend(\(Int(processID))::integer)")
    }
}
