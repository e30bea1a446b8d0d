/// A step that the runner does itself.
package struct ToolBody: Sendable, Hashable, Codable {
    package enum Name: String, Sendable, Codable, CaseIterable {
        /// Publishes the task's branch to the repository's origin.
        case push
    }

    package var name: Name
    /// For `push`, the branch's name at the origin: a template; nil: its own.
    package var target: String?

    package init(name: Name, target: String? = nil) {
        self.name = name
        self.target = target
    }
}
