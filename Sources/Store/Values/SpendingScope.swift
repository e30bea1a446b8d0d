package import RunnerCore

/// Whose usage is summed up.
package enum SpendingScope: Sendable, Hashable {
    case all
    case repository(RepositoryID)
    /// With those that work for it, and those it works for, as candidates.
    case run(RunID)
    /// A step of a run with all inside it.
    case step(RunID, key: String)
}
