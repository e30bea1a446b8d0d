import ArgumentParser
import Engine

struct AgentSet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change keys of an agent of one's own, or the defaults of another.",
        discussion: """
            For an agent that the runner knows, the keys are type, description, and those of a step's with, which count \
            where neither the step nor the command line says something else: runner agent set claude model=opus. For an \
            agent of one's own they are those of its file, with a dot between two: output.session=..., defaults.model=small. \
            A list is written as [a, b]; an empty value takes the key out. Runs that exist keep what they began with.
            """)

    @Argument(help: "The agent, as agent list names it.")
    var name: String

    @Argument(help: "What to change, as key=value; can be repeated.")
    var change: [String]

    @OptionGroup var output: OutputOptions

    func validate() throws {
        _ = try AgentChange.parsed(change)
    }

    func run() throws {
        let files = AgentFiles(environment: try Session.settings().environment)
        let path = try files.set(name, try AgentChange.parsed(change))
        if output.json { return try JSONOutput.print(["name": name, "path": path]) }
        Terminal.write(path + "\n")
    }
}
