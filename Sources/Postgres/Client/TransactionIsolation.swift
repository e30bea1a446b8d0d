/// What a transaction sees of others; see the manual, "Transaction Isolation".
package enum TransactionIsolation: Sendable {
    case readCommitted
    case repeatableRead
    case serializable
    /// One unchanging view of the data, for reports and comparisons; writes are refused.
    case readOnlySnapshot

    var beginStatement: String {
        switch self {
        case .readCommitted: "begin"
        case .repeatableRead: "begin isolation level repeatable read"
        case .serializable: "begin isolation level serializable"
        case .readOnlySnapshot: "begin isolation level repeatable read read only"
        }
    }
}
