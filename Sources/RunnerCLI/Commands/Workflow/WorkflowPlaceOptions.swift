import ArgumentParser
import Engine

/// The repository whose `.runner/workflows` is looked into.
struct WorkflowPlaceOptions: ParsableArguments {
    @Option(name: .customLong("repo"), help: "Look into .runner/workflows of this registered repository too.")
    var repository: String?

    @Option(name: .shortAndLong, help: "With --repo: the branch, tag or commit to look at.")
    var base: String?

    func validate() throws {
        if base != nil, repository == nil { throw ValidationError("--base goes with --repo.") }
    }

    static func find(_ repository: String?, _ base: String?, in workspace: Workspace) async throws -> WorkflowPlace? {
        guard let repository else { return nil }
        return try await workspace.workflowPlace(repository, base: base)
    }
}
