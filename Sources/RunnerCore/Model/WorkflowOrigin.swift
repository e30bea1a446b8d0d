/// Where the text of a workflow comes from.
package enum WorkflowOrigin: String, Sendable, Codable, CaseIterable {
    /// A file that was named by its path.
    case file
    /// The user's folder, `~/.config/runner/workflows`.
    case user
    /// Published with `runner workflow publish`.
    case database
    /// The folder `.runner/workflows` of a repository, at the commit that a task starts from.
    case repository
    /// Part of the program.
    case bundled
}
