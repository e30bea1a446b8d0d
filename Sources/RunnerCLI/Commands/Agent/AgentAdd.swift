import Agents
import ArgumentParser
import Engine
import Foundation
import RunnerCore

struct AgentAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Make an agent of one's own: a file in ~/.config/runner/agents.",
        discussion: """
            A command line of plain words is kept as a list of arguments; any other is for sh, which gets the further \
            arguments as "$@". The file is checked before it is put in place. Its keys are in docs/agents.md.

            runner agent add tiny --command 'tiny-agent --batch' --model-flag --model --set output.success='All done'
            """)

    @Argument(help: "Its name: a lower-case letter, then up to 39 letters, digits, - and _.")
    var name: String

    @Option(help: "Its command line.")
    var command: String?

    @Option(
        help: "A YAML file to take it from, in the place of --command; - reads standard input.", completion: .file())
    var from: String?

    @Option(help: "planning, development, qa, review or custom.")
    var type: String?

    @Option(parsing: .unconditional, help: "What it is, in words.")
    var description: String?

    @Option(help: "How it gets its prompt: stdin, argument, file or none.")
    var prompt: String?

    @Option(parsing: .unconditional, help: "The option before a model's name.")
    var modelFlag: String?

    @Option(parsing: .unconditional, help: "The option before the id of a session to go on with.")
    var resumeFlag: String?

    @Option(help: "A variable that it may inherit, as TINY_*; can be repeated.")
    var passEnvironment: [String] = []

    @Option(help: "Any other key of the file, as output.session='^session (.*)'; can be repeated.")
    var set: [String] = []

    @Flag(help: "Overwrite the file of an agent with this name.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (command == nil) != (from == nil) else { throw ValidationError("Give --command, or --from a file.") }
        _ = try AgentChange.parsed(set)
    }

    func run() throws {
        var text = AgentFileText(try from.map(Self.read) ?? "", file: "\(name).yaml")
        for (key, value) in try keys() + AgentChange.parsed(set) { try text.set(key, to: value) }
        let settings = try Session.settings()
        let path = try AgentFiles(environment: settings.environment).add(name, text: text.text, replaces: force)
        if output.json { return try JSONOutput.print(["name": name, "path": path]) }
        Terminal.write(path + "\n")
        if !output.quiet {
            Terminal.message("look at it: runner agent show \(name)   try it: runner agent test \(name)")
        }
    }

    private func keys() throws -> [(key: String, value: JSONValue?)] {
        var keys: [(String, JSONValue?)] = []
        if let description { keys.append(("description", .string(description))) }
        if let type { keys.append(("type", .string(type))) }
        if let command { keys.append(("command", commandValue(command))) }
        if let prompt { keys.append(("prompt", .string(prompt))) }
        if let modelFlag { keys.append(("model", Self.arguments(modelFlag, "{model}"))) }
        if let resumeFlag { keys.append(("resume", Self.arguments(resumeFlag, "{session}"))) }
        if !passEnvironment.isEmpty { keys.append(("pass-environment", .array(passEnvironment.map { .string($0) }))) }
        return keys
    }

    private func commandValue(_ line: String) -> JSONValue {
        let words = line.split(separator: " ").map(String.init)
        if !words.isEmpty, words.allSatisfy({ $0.wholeMatch(of: /[A-Za-z0-9_.,:=@%+\/-]+/) != nil }),
            words.first?.contains("=") == false
        {
            return .array(words.map { .string($0) })
        }
        let takesMore = modelFlag != nil || resumeFlag != nil || ["argument", "file"].contains(prompt)
        return .string(takesMore && !line.contains("$@") && !line.contains("$1") ? line + " \"$@\"" : line)
    }

    /// `--model=` is one argument with the value, `--model` two.
    private static func arguments(_ flag: String, _ value: String) -> JSONValue {
        .array(flag.hasSuffix("=") ? [.string(flag + value)] : [.string(flag), .string(value)])
    }

    private static func read(_ path: String) throws -> String {
        let limit = 256 << 10
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let data = try? handle?.read(upToCount: limit + 1), data.count <= limit,
            let text = String(data: data, encoding: .utf8)
        else {
            throw EngineError(
                .invalidArgument, "\"\(path)\" cannot be read, is longer than \(limit) bytes or is not UTF-8",
                hint: "name a YAML file")
        }
        return text
    }
}
