import RunnerCore

/// The branch of the origin that a repository's tasks end up in.
struct MergedTarget: Sendable, Hashable {
    /// As `origin/main`.
    let name: String
    var reference: String { "refs/remotes/\(name)" }

    init(of repository: Repository) {
        name = "origin/\(repository.settings.branch ?? repository.defaultBranch ?? "HEAD")"
    }
}
