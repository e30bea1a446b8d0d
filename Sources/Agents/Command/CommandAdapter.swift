package import Foundation
package import RunnerCore

/// Any program as an agent: it gets the prompt, its standard output is its answer, exit status 0 is success.
package struct CommandAdapter: AgentAdapter {
    /// Linux takes no single argument or variable longer than this with its closing zero byte (MAX_ARG_STRLEN).
    private static let maximumArgumentBytes = 131_072

    package init() {}

    package var name: String { "command" }

    package var versionProbe: [String]? { nil }

    package var facts: AgentFacts { AgentFacts(reports: []) }

    package var takesCommand: Bool { true }

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try CommandOptions(options)
    }

    /// As an argument, the prompt is the last one of a list, and `$1` of a shell command line.
    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        let options = try CommandOptions(request.options)
        var argv = options.command.argv
        var stdin: Data?
        switch options.prompt {
        case .stdin: stdin = Data(request.prompt.utf8)
        case .argument: argv.append(try argument(request.prompt))
        case .file where request.promptFile == nil:
            throw AgentsError(
                .invalidValue, agent: name, key: "prompt", message: "there is no prompt file here; use stdin")
        case .file, .none: break
        }
        return AgentLaunch(
            argv: argv, environment: environment(request), stdin: stdin,
            passThroughEnvironment: options.passThroughEnvironment)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        CommandDecoder(timeZone: timeZone)
    }

    /// `RUNNER_PROMPT` is left out where the system could not pass it; the file always holds the whole.
    private func environment(_ request: AgentRequest) -> [String: String] {
        var environment: [String: String] = [:]
        let variable = "RUNNER_PROMPT"
        if variable.utf8.count + 1 + request.prompt.utf8.count < Self.maximumArgumentBytes,
            !request.prompt.utf8.contains(0)
        {
            environment[variable] = request.prompt
        }
        if let file = request.promptFile { environment["RUNNER_PROMPT_FILE"] = file }
        if let model = request.model { environment["RUNNER_MODEL"] = model }
        return environment
    }

    private func argument(_ prompt: String) throws(AgentsError) -> String {
        guard prompt.utf8.count < Self.maximumArgumentBytes, !prompt.utf8.contains(0) else {
            throw AgentsError(
                .promptTooLong, agent: name, key: "prompt",
                message: "a prompt of \(prompt.utf8.count) bytes, or with a zero byte, cannot be an argument; "
                    + "use stdin or file")
        }
        return prompt
    }
}
