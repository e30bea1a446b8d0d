package import RunnerCore

/// A repository at a commit: where `.runner/workflows` is looked into.
package struct WorkflowPlace: Sendable {
    package let repository: Repository
    package let base: Base

    package init(repository: Repository, base: Base) {
        self.repository = repository
        self.base = base
    }
}
