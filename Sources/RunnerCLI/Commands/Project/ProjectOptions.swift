import ArgumentParser
import Engine

/// What `project add` and `project set` can say of a project.
struct ProjectOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: "What it is about, in words.")
    var description: String?

    @Option(
        help: "The workflow for tasks whose repository names none.", completion: .file(extensions: ["yaml", "yml"]))
    var workflow: String?

    @Option(help: "The agent for steps that ask for the default one, where the repository names none.")
    var agent: String?

    @Option(help: "A script that makes each new worktree ready, where the repository has none.")
    var setup: String?

    @Option(help: "A script that clears up before a worktree is removed, where the repository has none.")
    var teardown: String?

    @Option(help: "A folder that the set-up fills, as node_modules=package-lock.json; can be repeated.")
    var dependency: [String] = []

    @Option(name: .shortAndLong, help: "A registered repository that comes into it; can be repeated.")
    var repository: [String] = []

    func change(name: String? = nil, removed: [String] = []) -> ProjectChange {
        ProjectChange(
            name: name, description: description, workflow: workflow, agent: agent, setup: setup, teardown: teardown,
            dependencies: dependency.isEmpty ? nil : dependency.filter { !$0.isEmpty }, added: repository,
            removed: removed)
    }
}
