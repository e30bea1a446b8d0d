package import Foundation
package import RunnerCore

/// Drives an agent that a file describes.
package struct FileAgentAdapter: AgentAdapter {
    package let agent: FileAgent

    package init(_ agent: FileAgent) {
        self.agent = agent
    }

    package var name: String { agent.name }

    package var versionProbe: [String]? { agent.version }

    package var program: String? { agent.program }

    package var worktreeFiles: [String] { agent.worktreeFiles }

    package var evidence: AgentEvidence { .described }

    package var facts: AgentFacts {
        var reports: Set<AgentCapability> = agent.speaksACP ? [.sessions, .tools] : []
        if agent.tells("session") { reports.insert(.sessions) }
        if agent.tells("tool") { reports.insert(.tools) }
        if agent.tells("output-tokens") { reports.insert(.tokens) }
        if agent.tells("cost") { reports.insert(.cost) }
        return AgentFacts(
            reports: reports, keys: agent.passThroughEnvironment.filter { !$0.hasSuffix("*") && $0.hasSuffix("KEY") },
            mayHideLogin: true)
    }

    package var defaults: [String: JSONValue] { agent.defaults }

    package func validate(_ options: [String: JSONValue]) throws(AgentsError) {
        _ = try reader(options)
    }

    package func launch(_ request: AgentRequest) throws(AgentsError) -> AgentLaunch {
        try requirePrompt(request)
        let options = try reader(request.options)
        var argv = agent.command.argv
        if let model = try options.word("model") ?? request.model {
            let model = try identifier(model, "the model")
            argv += agent.modelArguments.map { $0.replacing("{model}", with: model) }
        }
        if let id = request.resumeSessionID, !agent.speaksACP {
            let id = try identifier(id, "the session to resume")
            argv += agent.resumeArguments.map { $0.replacing("{session}", with: id) }
        }
        argv += try options.strings("args") ?? []
        var launch = AgentLaunch(
            argv: argv, environment: agent.environment,
            passThroughEnvironment: agent.passThroughEnvironment + AgentLaunch.networkEnvironment,
            interrupt: agent.interrupt)
        if agent.speaksACP {
            launch.speaksACP = true
            var talk = try ACPRequest(request, options)
            if !agent.modelArguments.isEmpty { talk.model = nil }
            launch.stdin = talk.json()
            return launch
        }
        if let report = report(request) {
            launch.argv += agent.reportArguments.map { $0.replacing("{report}", with: report.path) }
            launch.reports = [report]
        }
        switch agent.prompt {
        case .stdin: launch.stdin = Data(request.prompt.utf8)
        case .argument:
            let prompt = try promptArgument(request)
            launch.argv += agent.promptArguments.map { $0.replacing("{prompt}", with: prompt) }
        case .file:
            guard let file = request.promptFile else {
                throw AgentsError(
                    .invalidValue, agent: name, key: "prompt", message: "there is no prompt file here; use stdin")
            }
            launch.argv += agent.promptArguments.map { $0.replacing("{file}", with: file) }
        case .none: break
        }
        if let file = request.promptFile { launch.environment["RUNNER_PROMPT_FILE"] = file }
        if let model = request.model { launch.environment["RUNNER_MODEL"] = model }
        return launch
    }

    /// Nothing of the file is kept but what is looked at: it may hold a configuration with keys.
    private func report(_ request: AgentRequest) -> AgentReport? {
        guard !agent.reportArguments.isEmpty, let folder = request.outputFolder, let places = agent.places else {
            return nil
        }
        return AgentReport(name: name, path: folder + "/report.json", keys: places.roots)
    }

    package func makeDecoder(for request: AgentRequest, timeZone: TimeZone) -> any AgentDecoder {
        agent.speaksACP
            ? ACPDecoder(agent: name, request: request, timeZone: timeZone)
            : FileAgentDecoder(agent, request: request, timeZone: timeZone)
    }

    private func reader(_ options: [String: JSONValue]) throws(AgentsError) -> OptionReader {
        let more = agent.speaksACP ? ACPRequest.keys : []
        let reader = try OptionReader(agent: name, options: options, known: ["model", "args"] + more)
        if agent.speaksACP { _ = try ACPRequest(AgentRequest(), reader) }
        _ = try reader.word("model")
        _ = try reader.strings("args")
        return reader
    }
}
