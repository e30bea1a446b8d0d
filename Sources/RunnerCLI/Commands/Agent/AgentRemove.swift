import ArgumentParser
import Engine

struct AgentRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Take an agent of one's own away; its file is kept, and said where.",
        discussion: "Steps that name it, also of runs that have begun, fail from then on.")

    @Argument(help: "The agent, as agent list names it.")
    var name: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let path = try AgentFiles(environment: try Session.settings().environment).remove(name)
        if output.json { return try JSONOutput.print(["name": name, "moved_to": path]) }
        Terminal.write(path + "\n")
        if !output.quiet { Terminal.message("bring it back: runner agent add \(name) --from '\(path)'") }
    }
}
