import ArgumentParser
import Engine
import Foundation
import RunnerCore

struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", _superCommandName: "runner",
        abstract: "Start a task on a repository and run its workflow.",
        discussion: """
            Registers the repository if it is new, makes a worktree and a branch from a freshly fetched base, runs the \
            workflow's steps in it and records every attempt. Ctrl-C cancels cleanly; nothing is lost.

            With --after the task waits, without a process or a slot, until those tasks have completed.

            With --detach the run is left to the daemon of this machine, which is started where none serves; its steps see \
            the daemon's environment variables.

            The number of the task is printed to standard output, everything else to standard error.
            """)

    @Argument(help: "The repository: a URL, a path on this machine, or a registered name.", completion: .directory)
    var repository: String

    @Argument(help: "What is to be done, in words; - reads it from standard input.")
    var task: String

    @Option(parsing: .unconditional, help: "A short title; the default is the task's first line.")
    var title: String?

    @Option(
        name: .shortAndLong, help: "A workflow's name, NAME@VERSION or the path of a YAML file.",
        completion: .file(extensions: ["yaml", "yml"]))
    var workflow: String?

    @OptionGroup var agent: AgentOptions

    @Option(name: .shortAndLong, help: "The branch, tag or commit to start from.")
    var base: String?

    @Option(name: .shortAndLong, help: "An input of the workflow, as name=value; can be repeated.")
    var input: [String] = []

    @Option(help: "A label for the task; can be repeated.")
    var label: [String] = []

    @Option(help: "A task that has to complete before this one begins; can be repeated.")
    var after: [String] = []

    @Flag(help: "Begin after any end of those tasks; else one that fails or is cancelled cancels this task.")
    var afterAny = false

    @Option(
        parsing: .unconditional, help: "Queued tasks with a higher number begin first, -1000 to 1000; the default is 0."
    )
    var priority = 0

    @Option(help: "Where the task stands on the board until one of its steps says otherwise.")
    var stage: String?

    @Option(help: "What the run may use before it waits, as 5.00, 2M tokens or both.", transform: Budget.argument)
    var budget: Budget?

    @Flag(help: "Start from what was fetched last, without asking the origin.")
    var noFetch = false

    @Flag(help: "Leave out the set-up and tear-down scripts and the dependency folders.")
    var noSetup = false

    @Flag(name: .shortAndLong, help: "Leave the run to a daemon in the background and return at once.")
    var detach = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (-1000...1000).contains(priority) else {
            throw ValidationError("--priority takes a number from -1000 to 1000.")
        }
        _ = try Start.inputs(input)
        guard !afterAny || !after.isEmpty else { throw ValidationError("--after-any needs --after.") }
        if let stage, stage.isEmpty || stage.count > 100 || Terminal.plain(stage) != stage {
            throw ValidationError("--stage takes a word of at most 100 letters.")
        }
    }

    func run() async throws {
        var request = StartRequest(
            repository: repository, prompt: try Start.text(task), title: title, workflow: workflow, agent: agent.agent,
            agentCommand: agent.command, model: agent.model, fallback: agent.fallback, base: base,
            inputs: try Start.inputs(input), labels: label,
            priority: priority,
            stage: stage,
            after: after, afterRule: afterAny ? .ended : .completed, budget: budget,
            fetches: !noFetch, preparesEnvironment: !noSetup)
        request.look = CheckoutLook.early(repository)
        let view = LiveView(options: output)
        let (output, detach) = (output, detach)
        try await Session.with(tidies: !detach) { [request] workspace in
            try await RunEnd.of(workspace, detach: detach, output: output) {
                view.createdTask.map(String.init)
            } detached: {
                try await workspace.startDetached(
                    request, progress: view.handler, cancellation: Cancellation.onSignals())
            } here: { cancellation in
                try await workspace.start(request, progress: view.handler, cancellation: cancellation)
            }
        }
    }

    /// The argument itself, or standard input for `-`.
    static func text(_ argument: String) throws -> String {
        guard argument == "-" else { return argument }
        let limit = 256 << 10
        let data: Data
        do {
            data = try FileHandle.standardInput.read(upToCount: limit + 1) ?? Data()
        } catch {
            throw EngineError(
                .emptyTask, "the task cannot be read from standard input, which is closed or no text",
                hint: "give it as an argument, or pipe it in")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw EngineError(
                .emptyTask, "the task on standard input is not UTF-8",
                hint: "convert it, as with iconv -f latin1 -t utf-8")
        }
        return text
    }

    /// The inputs of `name=value` pairs.
    static func inputs(_ pairs: [String]) throws -> [String: String] {
        var values: [String: String] = [:]
        for pair in pairs {
            guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
                throw ValidationError("The input \"\(pair)\" is not of the form name=value.")
            }
            values[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
        }
        return values
    }
}
