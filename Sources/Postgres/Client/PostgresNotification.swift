/// One wake-up from the server.
package struct PostgresNotification: Sendable, Hashable {
    package let channel: String
    package let payload: String
    /// True for the one that the listener makes up for each channel when it starts to listen, again after each
    /// reconnection: something may have been missed, so look at the tables.
    package let isCatchUp: Bool
}
