import Git
import RunnerCore

extension RepositorySettings {
    /// What worktrees hold of the repository; nil for everything.
    var sparsePatterns: SparsePatterns? { sparse.flatMap(SparsePatterns.init) }
}
