/// The agent has begun, or goes on in, a conversation that can be resumed by its id.
package struct AgentSession: Sendable, Hashable, Codable {
    package var id: String
    package var model: String?
    /// The directory that the agent itself says it works in.
    package var cwd: String?
    /// The agent program's version.
    package var version: String?
    package var permissionMode: String?

    package init(
        id: String, model: String? = nil, cwd: String? = nil, version: String? = nil, permissionMode: String? = nil
    ) {
        self.id = id
        self.model = model
        self.cwd = cwd
        self.version = version
        self.permissionMode = permissionMode
    }
}
