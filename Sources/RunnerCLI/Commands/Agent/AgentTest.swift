import ArgumentParser
import Engine
import RunnerCore

struct AgentTest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Have an agent do a tiny task in a scratch repository, and say what worked.",
        discussion: """
            The task goes the way of runner start, in a folder and a database of its own, which are removed afterwards; \
            it costs what the agent's model takes for it. A dash stands before what the agent never tells of itself.

            Exit status: 0 all worked; 1 something did not; 4 the program is not there; 130 cancelled.
            """)

    @Argument(help: "The agent, as agent list names it.")
    var name: String

    @Option(help: "The command line of the agent `command`, which gets the prompt on its standard input, or `acp`.")
    var command: String?

    @Option(help: "The model for the agent.")
    var model: String?

    @Option(help: "How long the agent may take, in seconds.")
    var timeout = 300

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...86_400).contains(timeout) else { throw ValidationError("--timeout takes 1 to 86400 seconds.") }
    }

    func run() async throws {
        let trial = AgentTrial(
            settings: try Session.settings(), agent: name, model: model, command: command, timeout: .seconds(timeout))
        let view = LiveView(options: output)
        let report = try await trial.run(progress: view.handler, cancellation: Cancellation.onSignals())
        if output.json {
            try JSONOutput.print(Shown(report: report))
        } else if !output.quiet {
            for point in report.points { Terminal.write(CheckMark.line(point.verdict, point.name, point.detail, nil)) }
        }
        if report.isProgramMissing { throw ExitStatus.environment }
        if !report.passed { throw ExitStatus.failed }
    }

    private struct Shown: Encodable {
        let report: AgentTrialReport

        private enum Keys: String, CodingKey {
            case passed
        }

        func encode(to encoder: any Encoder) throws {
            try report.encode(to: encoder)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(report.passed, forKey: .passed)
        }
    }
}
