/// Which statements one connection has prepared, so that a repeated one is planned once.
///
/// A statement is prepared when its text comes a second time: a short command pays for no extra round trip. Names are
/// random for each connection, because behind a pooler in transaction mode another client may have used this server
/// connection before. Confined to its connection's thread.
final class StatementCache {
    /// What a statement needs to be prepared or run.
    enum Plan: Equatable {
        /// Send it with its text.
        case text
        /// Prepare it under this name, then run it.
        case prepare(String)
        case prepared(String)
    }

    /// The text with the types of its binds: the server plans for both.
    struct Key: Hashable {
        let text: String
        let types: [UInt32]
    }

    private enum Entry {
        case seen
        case prepared(String)
    }

    /// Texts with a varying number of fragments must not fill the server's memory.
    private static let limit = 256

    private var entries: [Key: Entry] = [:]
    private var columns: [String: PostgresColumns] = [:]
    private var isOn = true
    private var lastNumber = 0
    private let prefix = "runner_\(UInt64.random(in: 0 ... .max))_"

    func plan(for key: Key) -> Plan {
        guard isOn else { return .text }
        switch entries[key] {
        case .none:
            guard entries.count < StatementCache.limit else { return .text }
            entries[key] = .seen
            return .text
        case .seen:
            lastNumber += 1
            return .prepare(prefix + String(lastNumber))
        case .prepared(let name):
            return .prepared(name)
        }
    }

    func prepared(_ key: Key, as name: String) {
        entries[key] = .prepared(name)
    }

    /// The columns of a result, read once for a prepared statement: the server runs none whose columns have changed.
    func columns(of result: borrowing PostgresResult) -> PostgresColumns {
        guard let statement = result.statement else { return PostgresColumns(result) }
        if let known = columns[statement] { return known }
        let read = PostgresColumns(result)
        columns[statement] = read
        return read
    }

    /// What is to be done about a prepared statement that failed; true when it was not run and can be sent as text.
    ///
    /// `26000` says that the server connection is another one than before: a pooler is between, and stays.
    func recovers(from sqlState: String?, message: String) -> Bool {
        switch sqlState {
        case "26000", "42P05":
            isOn = false
            forget()
            return true
        case "0A000" where message.contains("cached plan"):
            forget()
            return true
        default:
            return false
        }
    }

    private func forget() {
        entries = [:]
        columns = [:]
    }
}
