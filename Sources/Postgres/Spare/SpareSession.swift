import CLibpq
import CPlatform
import Glibc

/// A session of the server that has been opened and used beforehand and waits for a program that needs one.
///
/// A new server process reads its catalogs at the first use of each table, which takes longer than the statements.
package final class SpareSession: Sendable {
    /// The connection to the server, closed with this value: the server then ends the session.
    let descriptor: Int32
    let processID: Int32
    /// What the server reports of itself and of the session (protocol: ParameterStatus).
    let parameters: [(name: String, value: String)]
    /// Stands in for the server's own key, which libpq keeps to itself: asks the lender for a cancellation.
    let key = UInt32.random(in: 0...UInt32.max)

    /// Takes over the session of a connection, which is good for nothing afterwards; nil when it is in use or ended.
    init?(takingFrom connection: borrowing PostgresConnection) {
        let handle = connection.handle
        guard connection.isUsable else { return nil }
        descriptor = fcntl(PQsocket(handle), F_DUPFD_CLOEXEC, 0)
        processID = PQbackendPID(handle)
        parameters = SpareSession.reported.compactMap { name in
            PQparameterStatus(handle, name).map { (name, String(cString: $0)) }
        }
        guard descriptor >= 0 else { return nil }
        // Its goodbye, when the connection is freed, must not reach the server.
        let nowhere = runner_open("/dev/null", O_RDWR | O_CLOEXEC, 0)
        defer { close(nowhere) }
        guard nowhere >= 0, dup2(nowhere, PQsocket(handle)) >= 0 else { return nil }
    }

    deinit {
        close(descriptor)
    }

    /// Whether the server still waits for its first message.
    var isAlive: Bool {
        var facts = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&facts, 1, 0) == 0
    }

    /// What a server says to a client that it lets in (protocol: AuthenticationOk to ReadyForQuery).
    var greeting: [UInt8] {
        var bytes: [UInt8] = []
        func message(_ type: Character, _ body: [UInt8]) {
            bytes.append(type.asciiValue ?? 0)
            bytes += UInt32(body.count + 4).bigEndianBytes + body
        }
        message("R", UInt32(0).bigEndianBytes)
        for (name, value) in parameters { message("S", Array(name.utf8) + [0] + Array(value.utf8) + [0]) }
        message("K", UInt32(bitPattern: processID).bigEndianBytes + key.bigEndianBytes)
        message("Z", Array("I".utf8))
        return bytes
    }

    /// PostgreSQL's manual, "Asynchronous Operations" of the protocol; servers leave out what they do not know.
    private static let reported = [
        "server_version", "server_encoding", "client_encoding", "application_name", "default_transaction_read_only",
        "in_hot_standby", "is_superuser", "session_authorization", "DateStyle", "IntervalStyle", "TimeZone",
        "integer_datetimes", "standard_conforming_strings",
    ]
}

extension UInt32 {
    fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
