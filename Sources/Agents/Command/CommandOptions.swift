import RunnerCore

/// The keys of `with` for the agent `command`.
struct CommandOptions {
    /// How the program gets the prompt, beside the environment.
    enum PromptPassing: String, CaseIterable {
        case stdin, argument, file, none
    }

    enum Command: Hashable {
        /// Run by `/bin/sh -c`.
        case shell(String)
        case arguments([String])

        var argv: [String] {
            switch self {
            case .shell(let line): ["/bin/sh", "-c", line, "sh"]
            case .arguments(let arguments): arguments
            }
        }
    }

    var command: Command
    var prompt: PromptPassing
    /// What it may inherit.
    var passThroughEnvironment: [String]

    init(_ options: [String: JSONValue]) throws(AgentsError) {
        let reader = try OptionReader(
            agent: "command", options: options, known: ["command", "prompt", "pass-environment"])
        command = try Self.command(reader)
        let passing = try reader.string("prompt") ?? PromptPassing.stdin.rawValue
        guard let prompt = PromptPassing(rawValue: passing) else {
            let choices = PromptPassing.allCases.map(\.rawValue).joined(separator: ", ")
            throw reader.invalid("prompt", "\"\(passing)\" is not one of \(choices)")
        }
        self.prompt = prompt
        passThroughEnvironment = try reader.strings("pass-environment") ?? []
    }

    static func command(_ reader: OptionReader) throws(AgentsError) -> Command {
        switch reader.value("command") {
        case nil:
            throw AgentsError(
                .missingOption, agent: reader.agent, key: "command",
                message: "is missing; give a shell command line or a list of arguments")
        case .string:
            let line = try reader.string("command") ?? ""
            guard line.contains(where: { !$0.isWhitespace }) else {
                throw reader.invalid("command", "must not be empty")
            }
            return .shell(line)
        case .array:
            let arguments = try reader.strings("command") ?? []
            guard let program = arguments.first, !program.isEmpty else {
                throw reader.invalid("command", "must name a program first")
            }
            return .arguments(arguments)
        case .some(let value):
            throw reader.wrongType("command", "a text or a list of texts", value)
        }
    }
}
