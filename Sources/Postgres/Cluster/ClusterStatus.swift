/// What is known about a private cluster without starting it.
package struct ClusterStatus: Sendable {
    package enum State: String, Sendable {
        case notCreated
        case stopped
        case running
    }

    package let state: State
    package let pid: Int32?
    /// PostgreSQL's major version, as the data records it.
    package let version: String?
    package let dataDirectory: String
    package let socketDirectory: String?
    package let sizeBytes: Int
}
