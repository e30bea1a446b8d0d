import RunnerCore

/// An agent that a file describes: its command line, how it gets its prompt, and how its output is read.
package struct FileAgent: Sendable, Hashable {
    /// What a report of tokens and cost counts.
    enum Counting: String, CaseIterable {
        /// What was used since the one before.
        case each
        /// All that this process used.
        case total
        /// All that the session used, earlier processes included.
        case session
    }

    package let name: String
    package let description: String?
    /// One of `planning`, `development`, `qa`, `review` and `custom`.
    package let type: String
    let command: CommandOptions.Command
    let prompt: CommandOptions.PromptPassing
    /// Added last; `{prompt}` stands for the prompt, `{file}` for the path of its file.
    let promptArguments: [String]
    /// Whether it speaks the Agent Client Protocol; then neither `prompt` nor `resume` nor `patterns` count.
    package let speaksACP: Bool
    /// Added when a model is set; `{model}` stands for it.
    let modelArguments: [String]
    /// Added when a session is gone on with; `{session}` stands for its id.
    let resumeArguments: [String]
    let environment: [String: String]
    let passThroughEnvironment: [String]
    let version: [String]?
    let interrupt: AgentInterrupt
    let worktreeFiles: [String]
    let patterns: OutputPatterns
    /// Nil where JSON is text like any other.
    let places: OutputPlaces?
    let counting: Counting
    let inputIncludesCached: Bool
    /// Added where the program writes a file that says how it went; `{report}` stands for it.
    let reportArguments: [String]
    /// What a step's `with` gets where it says nothing.
    let defaults: [String: JSONValue]

    private static let keys = [
        "name", "description", "type", "command", "prompt", "model", "resume", "environment", "pass-environment",
        "version", "interrupt", "worktree-files", "output", "json", "report", "counting", "input-includes-cached",
        "defaults", "protocol",
    ]
    static let types = ["planning", "development", "qa", "review", "custom"]

    /// The key of a file of a person's, and the keys of its map, whose values are texts however they look.
    static let textMaps = ["output", "json", "environment"]

    /// Reads a YAML file; every mistake names the file and the key. `name` is what the file is called.
    package init(yaml: [UInt8], name fileName: String, file: String) throws(AgentsError) {
        self = try AgentFileText.reading(yaml, name: fileName, file: file) { members throws(AgentsError) in
            try FileAgent(members, name: fileName)
        }
    }

    private init(_ members: [String: JSONValue], name fileName: String) throws(AgentsError) {
        let reader = try OptionReader(agent: fileName, options: members, known: Self.keys)
        name = try reader.word("name") ?? fileName
        guard Self.isName(name) else {
            throw reader.invalid("name", "must be a lower-case letter and up to 39 letters, digits, - or _")
        }
        description = try reader.string("description")
        type = try reader.choice("type", of: Self.types) ?? "custom"
        command = try CommandOptions.command(reader)
        (prompt, promptArguments) = try Self.prompt(reader)
        speaksACP = try reader.choice("protocol", of: ["acp"]) != nil
        if speaksACP {
            let others = ["prompt", "resume", "output", "json", "report", "counting", "input-includes-cached"]
            for key in others where reader.value(key) != nil {
                throw reader.invalid(key, "has no meaning with protocol: acp; leave it out")
            }
        }
        modelArguments = try reader.strings("model") ?? []
        resumeArguments = try reader.strings("resume") ?? []
        environment = try reader.texts("environment") ?? [:]
        passThroughEnvironment = try reader.strings("pass-environment") ?? []
        version = try reader.strings("version")
        if version?.isEmpty == true { throw reader.invalid("version", "must name a program first") }
        let interrupt = try reader.choice("interrupt", of: ["interrupt", "terminate"]) ?? ""
        self.interrupt = AgentInterrupt(rawValue: interrupt) ?? .interrupt
        worktreeFiles = try reader.strings("worktree-files") ?? []
        // They become lines of a file of patterns, in which this takes others' back.
        for pattern in worktreeFiles where pattern.isEmpty || pattern.first == "!" || pattern.contains("\n") {
            throw reader.invalid(
                "worktree-files", "\"\(pattern)\" is no pattern; write one as in .gitignore, without !")
        }
        patterns = try OutputPatterns(reader, "output")
        places = try OutputPlaces(reader, "json")
        let counting = try reader.choice("counting", of: Counting.allCases.map(\.rawValue)) ?? ""
        self.counting = Counting(rawValue: counting) ?? .each
        inputIncludesCached = try reader.flag("input-includes-cached") ?? false
        reportArguments = try reader.strings("report") ?? []
        if !reportArguments.isEmpty, places == nil {
            throw reader.invalid("report", "needs \"json\", which says where in the file the values stand")
        }
        defaults = try reader.members("defaults") ?? [:]
    }

    /// How the prompt is passed, and the arguments that hold it or its file: a word, or a list of arguments.
    private static func prompt(
        _ reader: OptionReader
    ) throws(AgentsError) -> (CommandOptions.PromptPassing, [String]) {
        guard case .array? = reader.value("prompt") else {
            let passings = CommandOptions.PromptPassing.allCases.map(\.rawValue)
            let word = try reader.choice("prompt", of: passings) ?? ""
            let passing = CommandOptions.PromptPassing(rawValue: word) ?? .stdin
            return (passing, passing == .argument ? ["{prompt}"] : passing == .file ? ["{file}"] : [])
        }
        let arguments = try reader.strings("prompt") ?? []
        if arguments.contains(where: { $0.contains("{prompt}") }) { return (.argument, arguments) }
        if arguments.contains(where: { $0.contains("{file}") }) { return (.file, arguments) }
        throw reader.invalid("prompt", "a list must hold {prompt} or {file}, as [-p, \"{prompt}\"]")
    }

    /// Whether only output that says so is a success.
    var tellsSuccess: Bool { tells("success") }

    /// Whether its output tells such things.
    func tells(_ key: String) -> Bool { patterns.tells(key) || places?.tells(key) ?? false }

    /// Whether an agent can be called so.
    package static func isName(_ name: String) -> Bool {
        name.wholeMatch(of: /[a-z][a-z0-9_-]{0,39}/) != nil
    }

    /// The program of a command that is a list; a shell's command line may have any number.
    ///
    /// Nil also for one that is looked for in the worktree, or on a PATH of the agent's own.
    package var program: String? {
        guard case .arguments(let arguments) = command, let program = arguments.first,
            program.hasPrefix("/") || !program.contains("/") && environment["PATH"] == nil
        else { return nil }
        return program
    }
}
