/// Says which operation on the private cluster failed, why, and what the user can do.
package struct ClusterError: Error, Sendable, Hashable, CustomStringConvertible {
    package let code: Code
    package let operation: String
    package let message: String
    /// What the user can do; empty when nothing useful is known.
    package let hint: String

    package var description: String {
        hint.isEmpty ? "\(operation): \(message)" : "\(operation): \(message); \(hint)"
    }
}

extension ClusterError {
    /// A class of failure that a caller can act on.
    package enum Code: Sendable, Hashable {
        /// No usable PostgreSQL programs on this machine.
        case missingBinaries
        /// The folder cannot be written: permissions, or a read-only file system.
        case notWritable
        case diskFull
        /// The data was made by another major version of PostgreSQL.
        case wrongVersion
        /// The data, or the folder of the socket, belongs to another user.
        case wrongOwner
        /// PostgreSQL cannot run as this operating system user, and no other one could be used.
        case unsupportedUser
        case createFailed
        case startFailed
        case stopFailed
        case timedOut
        case cancelled
    }
}
