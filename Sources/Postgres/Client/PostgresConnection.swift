import CLibpq
import Glibc

/// One open connection to a server; every call blocks the calling thread.
///
/// It is lent to a synchronous closure by `PostgresClient` and cannot be kept beyond it.
package struct PostgresConnection: ~Copyable {
    let handle: OpaquePointer
    let target: ConnectionTarget
    let statements = StatementCache()

    deinit {
        PQfinish(handle)
    }

    /// Connects with one round trip; only a pooler that refuses start-up settings costs a second one.
    static func open(_ target: ConnectionTarget, applicationName: String) throws(PostgresError) -> PostgresConnection {
        var parameters = parameters(target, applicationName: applicationName)
        if let handle = takeSpare(target, parameters: parameters) {
            return PostgresConnection(handle: handle, target: target)
        }
        do {
            return try PostgresConnection(target, parameters: parameters)
        } catch {
            guard error.message.contains("startup parameter") else { throw error }
        }
        parameters["options"] = nil
        let connection = try PostgresConnection(target, parameters: parameters)
        try connection.executeScript(
            settings(target).map { key, value in "set \(key) = '\(value.replacing("'", with: "''"))';" }.joined())
        return connection
    }

    private static func parameters(_ target: ConnectionTarget, applicationName: String) -> [String: String] {
        var parameters = defaultParameters
        parameters["application_name"] = applicationName
        parameters["options"] = settings(target).map { key, value in
            "-c \(key)=\(value.replacing("\\", with: "\\\\").replacing(" ", with: "\\ "))"
        }.joined(separator: " ")
        return parameters
    }

    private static func settings(_ target: ConnectionTarget) -> [(key: String, value: String)] {
        defaultSettings.merging(target.settings) { _, given in given }.sorted { $0.key < $1.key }
    }

    /// What a connection says to the server when it starts.
    static func startupParameters(_ target: ConnectionTarget, applicationName: String) -> [String: String] {
        let all = parameters(target, applicationName: applicationName)
        return [
            "user": target.parameters["user"] ?? "", "database": target.parameters["dbname"] ?? "",
            "application_name": applicationName, "client_encoding": all["client_encoding"] ?? "",
            "options": all["options"] ?? "",
        ]
    }

    private init(_ target: ConnectionTarget, parameters: [String: String]) throws(PostgresError) {
        guard let handle = PQconnectdb(target.connectionString(adding: parameters)) else {
            throw PostgresError(.connectionFailed, operation: "connect", message: "out of memory")
        }
        guard PQstatus(handle) == CONNECTION_OK else {
            let message = PostgresConnection.lastMessage(handle)
            PQfinish(handle)
            throw PostgresError(
                .connectionFailed, operation: "connect to \(target)", message: target.redacting(message))
        }
        self.init(handle: handle, target: target)
    }

    private init(handle: OpaquePointer, target: ConnectionTarget) {
        // The default prints notices to standard error, which belongs to the program.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        self.handle = handle
        self.target = target
    }

    /// Times are in the server's units: milliseconds unless a unit is written.
    private static let defaultSettings = [
        "TimeZone": "UTC", "DateStyle": "ISO", "client_min_messages": "warning", "bytea_output": "hex",
        "idle_in_transaction_session_timeout": "60s", "lock_timeout": "10s",
    ]

    /// Times are in seconds, except `tcp_user_timeout` in milliseconds.
    private static let defaultParameters = [
        "connect_timeout": "10", "keepalives": "1", "keepalives_idle": "30", "keepalives_interval": "10",
        "keepalives_count": "3", "tcp_user_timeout": "30000", "client_encoding": "UTF8",
    ]

    static func lastMessage(_ handle: OpaquePointer) -> String {
        let message = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let line = message.split { $0.isNewline || $0 == "\t" }.joined(separator: " ")
        return line.isEmpty ? "the connection failed" : line
    }

    /// False once the server has closed the connection, also when it did so while the connection was idle.
    var isUsable: Bool { takeInput() && PQtransactionStatus(handle) == PQTRANS_IDLE }

    /// Takes in all that has arrived; false when the connection has ended.
    ///
    /// A goodbye message and the end of the stream are two reads, and a read source reports both at once or never.
    borrowing func takeInput() -> Bool {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        while PQstatus(handle) == CONNECTION_OK, poll(&descriptor, 1, 0) > 0 {
            guard PQconsumeInput(handle) == 1 else { return false }
        }
        return PQstatus(handle) == CONNECTION_OK
    }

    var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }
}
