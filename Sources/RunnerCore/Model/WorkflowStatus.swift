/// Whether a workflow can be started, wherever its text comes from.
package enum WorkflowStatus: String, Sendable, Codable, CaseIterable {
    /// Only a named version of it can be started, to try it.
    case draft
    case active
    /// Cannot be started for the time being; runs that exist go on.
    case paused
    /// Cannot be started any more, and gets no new versions.
    case archived
}
