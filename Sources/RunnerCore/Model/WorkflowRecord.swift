/// What the database knows of a workflow beside the texts of its versions.
package struct WorkflowRecord: Sendable, Hashable, Codable {
    package var name: String
    package var description: String
    package var status: WorkflowStatus
    package var tags: [String]
    /// The version that the name means: the one published last; nil when none was published.
    package var currentVersion: Int?

    package init(
        name: String, description: String = "", status: WorkflowStatus = .active, tags: [String] = [],
        currentVersion: Int? = nil
    ) {
        self.name = name
        self.description = description
        self.status = status
        self.tags = tags
        self.currentVersion = currentVersion
    }
}
