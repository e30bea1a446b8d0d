/// A step that the runner does itself.
package struct ToolBody: Sendable, Hashable, Codable {
    package enum Name: String, Sendable, Codable, CaseIterable {
        /// Commits the worktree to the task's branch, or makes all its commits one.
        case commit
        /// Publishes the task's branch to the repository's origin.
        case push
        /// Brings the runner's clone up to date with the origin.
        case fetch
        /// Writes the task's commits anew on top of a branch of the origin.
        case rebase
        /// Hands files of the worktree over as artifacts.
        case artifact
        /// Tells a person something.
        case notify
    }

    package var name: Name
    /// What `with` gives, by key; the values are templates, but for a `commit`'s `squash`, which is `true` or `false`.
    ///
    /// `artifact` takes the names of its artifacts as keys.
    package var with: [String: String]

    package init(name: Name, with: [String: String] = [:]) {
        self.name = name
        self.with = with
    }
}

extension ToolBody.Name {
    /// The keys of `with`; nil where the workflow chooses them.
    var keys: [String]? {
        switch self {
        case .commit: ["message", "squash"]
        case .push: ["as"]
        case .fetch: []
        case .rebase: ["onto"]
        case .artifact: nil
        case .notify: ["message"]
        }
    }

    var requiredKey: String? {
        switch self {
        case .commit, .notify: "message"
        case .push, .fetch, .rebase, .artifact: nil
        }
    }
}
