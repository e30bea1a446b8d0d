package import Foundation

/// Where one migration stands in a database.
package struct MigrationStatus: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        case applied(Date)
        case pending
        /// Applied from another text than this program holds.
        case changed(Date)
        /// Applied by a newer program.
        case unknown(Date)
    }

    package let version: Int
    package let name: String
    package let state: State
}
