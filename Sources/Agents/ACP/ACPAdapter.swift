package import Foundation
package import RunnerCore

/// Any agent that speaks the Agent Client Protocol; its command line comes with the step or from a file.
package struct ACPAdapter: AgentAdapter {
    package init() {}

    package var name: String { "acp" }

    package var versionProbe: [String]? { nil }

    package var evidence: AgentEvidence { .documented }

    package var facts: AgentFacts { AgentFacts(reports: [.sessions, .tools], mayHideLogin: true) }

    package var takesCommand: Bool { true }

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try Self.words(AgentRequest(options: options), name: name)
    }

    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        let (command, reader) = try Self.words(request, name: name)
        var argv = command.argv
        argv += try reader.strings("args") ?? []
        var launch = AgentLaunch(
            argv: argv, stdin: try ACPRequest(request, reader).json(),
            passThroughEnvironment: (try reader.strings("pass-environment") ?? []) + AgentLaunch.networkEnvironment)
        launch.speaksACP = true
        if let model = try reader.word("model") ?? request.model { launch.environment["RUNNER_MODEL"] = model }
        return launch
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        ACPDecoder(agent: name, request: request, timeZone: timeZone)
    }

    private static func words(
        _ request: AgentRequest, name: String
    ) throws(AgentsError) -> (CommandOptions.Command, OptionReader) {
        let reader = try OptionReader(
            agent: name, options: request.options,
            known: ["command", "model", "args", "pass-environment"] + ACPRequest.keys)
        _ = try reader.word("model")
        _ = try reader.strings("args")
        _ = try reader.strings("pass-environment")
        _ = try ACPRequest(request, reader)
        return (try CommandOptions.command(reader), reader)
    }
}
