/// Where the service stands.
package struct ServiceStatus: Sendable, Encodable {
    /// The unit's file.
    package var path: String
    package var installed: Bool
    /// The file is what this program would write.
    package var current: Bool
    package var enabled: Bool
    package var running: Bool
    /// What is missing, as one sentence; nil when nothing is.
    package var problem: String?
}
