import ArgumentParser
import Engine
import RunnerCore

struct WorkflowPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what would run, in which order and with which agent, without running it.",
        discussion: """
            Prompts are rendered as far as they are known: what only a run can tell stays as it is written. Nothing is \
            fetched or made. With an obstacle, which a start would be refused for, the exit status is 1.
            """)

    @Argument(help: "A name, NAME@VERSION or the path of a file.", completion: .file(extensions: ["yaml", "yml"]))
    var workflow: String

    @Option(name: .shortAndLong, help: "An input of the workflow, as name=value; can be repeated.")
    var input: [String] = []

    @Option(parsing: .unconditional, help: "The task in words, for prompts that name it.")
    var task: String?

    @Option(name: .shortAndLong, help: "The agent for steps that ask for the default one.")
    var agent: String?

    @Option(help: "The command line of the agent `command`.")
    var command: String?

    @Option(help: "The model for the agent.")
    var model: String?

    @OptionGroup var place: WorkflowPlaceOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        _ = try Start.inputs(input)
    }

    func run() async throws {
        let request = WorkflowPlanRequest(
            workflow: workflow, repository: place.repository, base: place.base, task: task,
            inputs: try Start.inputs(input), agent: agent, agentCommand: command, model: model)
        let plan = try await Session.with { workspace in try await workspace.planWorkflow(request) }
        if output.json {
            try JSONOutput.print(plan)
        } else if output.quiet {
            Terminal.write(plan.steps.filter { $0.verdict != .skipped }.map { $0.key + "\n" }.joined())
        } else {
            Self.show(plan)
        }
        for obstacle in plan.obstacles where !output.json { Terminal.message("obstacle: \(Terminal.plain(obstacle))") }
        if !plan.obstacles.isEmpty { throw ExitStatus.failed }
    }

    private static func show(_ plan: WorkflowPlan) {
        let rows = plan.steps.enumerated().map { index, step in
            [
                String(index + 1), step.key, step.kind, step.stage ?? "",
                ([step.agent].compactMap { $0 } + step.fallback).joined(separator: ", "),
                step.verdict.rawValue,
                step.needs.joined(separator: " "), Terminal.plain(step.condition ?? ""),
                step.timeoutSeconds.map { DurationText.format(.seconds($0)) } ?? "",
                step.maxAttempts > 1 ? String(step.maxAttempts) : "",
            ]
        }
        let headings = ["", "STEP", "KIND", "STAGE", "AGENT", "RUNS", "NEEDS", "IF", "TIMEOUT", "TRIES"]
        Terminal.write(Table(headings: headings, rows: rows).render())
        for step in plan.steps {
            guard let text = step.text else { continue }
            Terminal.write("\n--- \(step.key)\(step.name.map { ": \(Terminal.plain($0))" } ?? "")\n")
            for (name, value) in step.env.sorted(by: { $0.key < $1.key }) {
                Terminal.write("\(name)=\(Terminal.plain(value))\n")
            }
            Terminal.write(Terminal.plainLines(text) + (text.hasSuffix("\n") ? "" : "\n"))
        }
    }
}
