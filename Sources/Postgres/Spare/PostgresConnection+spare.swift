import CLibpq
import CPlatform
import Glibc

extension PostgresConnection {
    /// How long a lender may take; one that is stopped or busy must not keep a command waiting.
    private static let patience = Duration.milliseconds(100)

    /// Takes a session that a daemon on this machine has opened beforehand; nil where none is to be had at once.
    static func takeSpare(_ target: ConnectionTarget, parameters: [String: String]) -> OpaquePointer? {
        guard target.takesSpareSessions, let folder = target.parameters["host"],
            access(UnixSocket.path(in: folder, port: SessionLender.port), F_OK) == 0, let own = OSUser.withID(geteuid())
        else { return nil }
        let lender = ["port": SessionLender.port, "requirepeer": own.name]
        let text = ConnectionTarget(parameters: target.parameters.merging(lender) { $1 })
            .connectionString(adding: parameters)
        guard let handle = PQconnectStart(text) else { return nil }
        let end = ContinuousClock.now + patience
        guard isGreeted(handle, before: end), exchange(handle, before: end) else {
            PQfinish(handle)
            return nil
        }
        return handle
    }

    private static func isGreeted(_ handle: OpaquePointer, before end: ContinuousClock.Instant) -> Bool {
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard state != PGRES_POLLING_FAILED, waits(for: events, on: PQsocket(handle), before: end) else {
                return false
            }
            state = PQconnectPoll(handle)
        }
        return true
    }

    /// Puts the server's connection in the place of the lender's.
    private static func exchange(_ handle: OpaquePointer, before end: ContinuousClock.Instant) -> Bool {
        let socket = PQsocket(handle)
        var request: UInt8 = 0
        guard send(socket, &request, 1, Int32(MSG_NOSIGNAL)) == 1, waits(for: POLLIN, on: socket, before: end)
        else { return false }
        let server = runner_receive_descriptor(socket)
        guard server >= 0 else { return false }
        defer { close(server) }
        return fcntl(server, F_SETFL, O_NONBLOCK) == 0 && runner_replace_descriptor(server, socket) == socket
    }

    /// False at once without a descriptor, as libpq has none once it was refused: `poll` would only wait.
    static func waits(for events: Int32, on descriptor: Int32, before end: ContinuousClock.Instant) -> Bool {
        var facts = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        let rest = (end - .now) / .milliseconds(1)
        return descriptor >= 0 && rest > 0 && poll(&facts, 1, Int32(rest.rounded(.up))) == 1
    }
}
