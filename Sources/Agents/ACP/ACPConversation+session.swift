import RunnerCore

extension ACPConversation {
    mutating func openSession() -> [ACPAction] {
        phase = .session
        guard let session = request.session else { return ask(.session, "session/new", place) }
        // Resuming does not tell the whole conversation once more.
        let resumes = capabilities["sessionCapabilities"]?["resume"]
        if let resumes, resumes != .null, resumes != .bool(false) {
            isResuming = true
            return ask(.session, "session/resume", place.merging(["sessionId": .string(session)]) { $1 })
        }
        guard capabilities["loadSession"]?.boolValue == true else {
            return give(up: "unknown_session", "the agent cannot go on with a session")
        }
        return load(session)
    }

    func load(_ session: String) -> [ACPAction] {
        ask(.session, "session/load", place.merging(["sessionId": .string(session)]) { $1 })
    }

    private var place: [String: JSONValue] {
        ["cwd": .string(worktree), "mcpServers": .array(request.mcpServers ?? [])]
    }

    /// Notes what is to be asked for before the prompt: the agent's mode, and its model where it offers a choice.
    mutating func wish(_ id: String, _ opened: JSONValue) -> [ACPAction] {
        let session = ["sessionId": JSONValue.string(id)]
        func add(_ message: ACPMessage, _ method: String, _ parameters: [String: JSONValue]) {
            wishes.append((message, method, session.merging(parameters) { $1 }))
        }
        if let mode = request.mode { add(.mode, "session/set_mode", ["modeId": .string(mode)]) }
        guard let model = request.model else { return [] }
        let options = opened.list("configOptions")
        if let option = options.first(where: { $0.text("category") == "model" })?.name("id") {
            add(.model, "session/set_config_option", ["configId": .string(option), "value": .string(model)])
        } else if let models = opened["models"], models != .null {
            add(.model, "session/set_model", ["modelId": .string(model)])
        } else if request.session == nil {
            let text = "the agent offers no choice of models; \(model) is told to it by RUNNER_MODEL only"
            return [Self.own("notice", ["text": .string(text)])]
        }
        return []
    }

    mutating func goOn(_ id: String) -> [ACPAction] {
        guard !wishes.isEmpty else { return prompt(id) }
        let (message, method, parameters) = wishes.removeFirst()
        phase = message == .mode ? .mode : .model
        return ask(message, method, parameters)
    }

    private mutating func prompt(_ id: String) -> [ACPAction] {
        phase = .prompt
        let text = JSONValue.object(["type": .string("text"), "text": .string(request.prompt)])
        return ask(.prompt, "session/prompt", ["sessionId": .string(id), "prompt": .array([text])])
    }
}
