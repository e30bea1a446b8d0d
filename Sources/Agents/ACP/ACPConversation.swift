package import RunnerCore

/// The runner's side of one turn in the Agent Client Protocol, version 1: https://agentclientprotocol.com
///
/// Pure: it is fed what the agent prints and says what to do. Every line of the agent's goes to the output as it came;
/// lines of the runner's own, which say what it asked and decided, stand between them.
package struct ACPConversation: Sendable {
    private enum Phase {
        case initialize, authenticate, session, mode, prompt, over
    }

    private struct Line {
        let bytes: [UInt8]
        let isCut: Bool

        init(_ bytes: Span<UInt8>, isCut: Bool) {
            self.bytes = bytes.withUnsafeBufferPointer { Array($0) }
            self.isCut = isCut
        }
    }

    private let request: ACPRequest
    private let worktree: String
    private var lines = LineSplitter(limit: OutputLines.maximumBytes, oversize: .headOnly)
    private var phase = Phase.initialize
    private var sessionID: String?
    private var capabilities = JSONValue.null
    private var isCancelled = false
    /// Questions for permission that wait for a person.
    private var open: [Int: (id: JSONValue, parameters: JSONValue)] = [:]
    private var questions = 0

    package init(_ request: ACPRequest, worktree: String) {
        self.request = request
        self.worktree = worktree
    }

    package var isOver: Bool { phase == .over }

    /// The first words.
    package func begin() -> [ACPAction] {
        ask(
            .initialize, "initialize",
            [
                "protocolVersion": .integer(1),
                "clientCapabilities": .object([
                    "fs": .object(["readTextFile": .bool(true), "writeTextFile": .bool(true)]),
                    "terminal": .bool(false),
                ]),
                "clientInfo": .object(["name": .string("runner"), "version": .string("1")]),
            ])
    }

    /// Takes what the agent printed.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) -> [ACPAction] {
        var whole: [Line] = []
        lines.forEachLine(in: bytes) { whole.append(Line($0, isCut: $1)) }
        return whole.flatMap { take($0) }
    }

    /// Takes a last line without an end.
    package mutating func endOfOutput() -> [ACPAction] {
        var whole: [Line] = []
        lines.end { whole.append(Line($0, isCut: $1)) }
        return whole.flatMap { take($0) }
    }

    /// Asks the agent to stop its turn; nothing to be waited for where it has none.
    package mutating func cancel() -> [ACPAction] {
        guard !isCancelled, phase != .over else { return [] }
        isCancelled = true
        guard phase == .prompt, let sessionID else {
            phase = .over
            return [.end]
        }
        let cancel = ACPAction.tell(ACPMessage.notification("session/cancel", ["sessionId": .string(sessionID)]))
        return [cancel] + open.keys.sorted().flatMap { decide($0, isAllowed: false, by: nil) }
    }

    /// A person's answer to the question `number`; `by` is nil where nobody answered in time.
    package mutating func decide(_ number: Int, isAllowed: Bool, by: String?, note: String? = nil) -> [ACPAction] {
        guard let question = open.removeValue(forKey: number) else { return [] }
        return decision(question.id, question.parameters, isAllowed: isAllowed, by: by ?? "nobody", note: note)
    }

    /// A sign of life while a person is waited for.
    package func stillWaiting() -> [ACPAction] { [Self.own("waiting", [:])] }

    /// The answer to `read` and `write`; `result` is null for a file that was written.
    package func answer(_ id: JSONValue, _ result: JSONValue) -> ACPAction {
        .tell(ACPMessage.reply(id, result))
    }

    package func refuse(_ id: JSONValue, _ reason: String) -> ACPAction {
        .tell(ACPMessage.failure(id, ACPMessage.invalidParameters, reason))
    }

    private mutating func take(_ message: JSONValue, as line: [UInt8]) -> [ACPAction] {
        Self.isForged(message) ? [Self.forged] : [.put(line)] + self.message(message)
    }

    /// Whether it would be read as a line of the runner's own: as a permission that a person gave, for instance.
    private static func isForged(_ message: JSONValue) -> Bool { message["\(ACPMessage.ownKey)"] != nil }

    private static let forged = passedOver("has the form of the runner's own lines")

    private static func passedOver(_ reason: String) -> ACPAction {
        own("notice", ["text": .string("a message of the agent \(reason) and was passed over")])
    }

    private mutating func take(_ line: Line) -> [ACPAction] {
        guard !line.isCut else {
            return [Self.passedOver("is too long")]
        }
        let echo = ACPAction.put(line.bytes)
        switch JSONValue(json: line.bytes) {
        case .object(let members)?: return take(.object(members), as: line.bytes)
        // JSON-RPC allows for a batch.
        case .array(let messages)?:
            // Each on a line of its own, as those who read the output expect.
            var actions: [ACPAction] = []
            for message in messages { actions += take(message, as: Self.bytes(message)) }
            return actions
        default:
            // Who reads the output looks for JSON behind a terminal's escape sequences too.
            let shown = String(decoding: line.bytes, as: UTF8.self).asShown
            return JSONValue(json: Array(shown.utf8)).map(Self.isForged) == true ? [Self.forged] : [echo]
        }
    }

    private mutating func message(_ value: JSONValue) -> [ACPAction] {
        if let method = value.text("method") {
            guard let id = value["id"], id != .null else { return [] }
            return asked(method, id, value["params"] ?? .null)
        }
        guard let number = value.int("id"), let message = ACPMessage(rawValue: number) else { return [] }
        if let error = value["error"], error != .null { return failed(message) }
        return answered(message, value["result"] ?? .null)
    }

    private mutating func answered(_ message: ACPMessage, _ result: JSONValue) -> [ACPAction] {
        switch (message, phase) {
        case (.initialize, .initialize):
            guard result.int("protocolVersion") == 1 else {
                return give(up: "invalid_request", "the agent does not speak version 1 of the protocol")
            }
            capabilities = result["agentCapabilities"] ?? .null
            guard let method = request.authMethod else { return openSession() }
            phase = .authenticate
            return ask(.authenticate, "authenticate", ["methodId": .string(method)])
        case (.authenticate, .authenticate): return openSession()
        case (.session, .session):
            // Going on with a session has no answer but that it went well.
            guard let id = request.session ?? result.name("sessionId") else {
                return give(up: "execution", "the agent opened no session")
            }
            sessionID = id
            guard let mode = request.mode else { return prompt(id) }
            phase = .mode
            return ask(.mode, "session/set_mode", ["sessionId": .string(id), "modeId": .string(mode)])
        case (.mode, .mode): return prompt(sessionID ?? "")
        case (.prompt, .prompt):
            phase = .over
            return [.end]
        default: return []
        }
    }

    /// The output has the error already.
    private mutating func failed(_ message: ACPMessage) -> [ACPAction] {
        guard phase != .over else { return [] }
        let isAwaited =
            switch (message, phase) {
            case (.initialize, .initialize), (.authenticate, .authenticate), (.session, .session), (.mode, .mode),
                (.prompt, .prompt):
                true
            default: false
            }
        guard isAwaited else { return [] }
        phase = .over
        return [.end]
    }

    private mutating func openSession() -> [ACPAction] {
        phase = .session
        let place: [String: JSONValue] = ["cwd": .string(worktree), "mcpServers": .array([])]
        guard let session = request.session else { return ask(.session, "session/new", place) }
        let known = place.merging(["sessionId": .string(session)]) { $1 }
        // Resuming does not tell the whole conversation once more.
        let resumes = capabilities["sessionCapabilities"]?["resume"]
        if let resumes, resumes != .null, resumes != .bool(false) { return ask(.session, "session/resume", known) }
        guard capabilities["loadSession"]?.boolValue == true else {
            return give(up: "unknown_session", "the agent cannot go on with a session")
        }
        return ask(.session, "session/load", known)
    }

    private mutating func prompt(_ id: String) -> [ACPAction] {
        phase = .prompt
        let text = JSONValue.object(["type": .string("text"), "text": .string(request.prompt)])
        return ask(.prompt, "session/prompt", ["sessionId": .string(id), "prompt": .array([text])])
    }

    private mutating func asked(_ method: String, _ id: JSONValue, _ parameters: JSONValue) -> [ACPAction] {
        switch method {
        case "session/request_permission": return permission(id, parameters)
        case "fs/read_text_file":
            guard let path = parameters.text("path") else { return [refuse(id, "the path is missing")] }
            return [.read(id: id, path: path, line: parameters.int("line"), limit: parameters.int("limit"))]
        case "fs/write_text_file":
            guard let path = parameters.text("path"), let text = parameters.text("content") else {
                return [refuse(id, "the path or the content is missing")]
            }
            return [.write(id: id, path: path, text: text)]
        default:
            return [
                .tell(ACPMessage.failure(id, ACPMessage.unknownMethod, "the runner does not do \(method)"))
            ]
        }
    }

    /// Answers for the person who is not there, or has the person asked.
    private mutating func permission(_ id: JSONValue, _ parameters: JSONValue) -> [ACPAction] {
        guard request.permission == .ask, request.questions != nil, !isCancelled else {
            return decision(id, parameters, isAllowed: request.permission == .allow, by: nil, note: nil)
        }
        questions += 1
        open[questions] = (id, parameters)
        let call = parameters["toolCall"] ?? .null
        // A person must see that there is more than one line.
        let title = (call.text("title") ?? call.name("toolCallId") ?? "a tool")
            .split(whereSeparator: \.isNewline).joined(separator: " \u{23CE} ")
        return [
            Self.own("question", ["title": .string(title), "number": .integer(questions)]),
            .ask(number: questions, title: title, detail: call["rawInput"]?.plainText ?? ""),
        ]
    }

    /// The answer to a question for permission; what was decided goes to the output.
    private func decision(
        _ id: JSONValue, _ parameters: JSONValue, isAllowed: Bool, by: String?, note: String?
    ) -> [ACPAction] {
        let kinds = isAllowed ? ["allow_once", "allow_always"] : ["reject_once", "reject_always"]
        let options = parameters.list("options")
        let option = kinds.lazy.compactMap { kind in options.first { $0.text("kind") == kind } }.first
        let call = parameters["toolCall"]
        var record: [String: JSONValue] = [
            "toolCallId": call?["toolCallId"] ?? .null, "title": call?["title"] ?? .null,
            "allowed": .bool(isAllowed && option != nil && !isCancelled),
        ]
        if let by { record["by"] = .string(by) }
        if let note { record["note"] = .string(note) }
        var outcome: [String: JSONValue] = ["outcome": .string("cancelled")]
        if !isCancelled, let chosen = option?["optionId"] {
            outcome = ["outcome": .string("selected"), "optionId": chosen]
        }
        return [
            Self.own("permission", record), .tell(ACPMessage.reply(id, .object(["outcome": .object(outcome)]))),
        ]
    }

    private mutating func give(up kind: String, _ text: String) -> [ACPAction] {
        phase = .over
        return [Self.own("error", ["kind": .string(kind), "text": .string(text)]), .end]
    }

    /// A request, and a line that tells of it; the prompt itself is with the attempt already.
    private func ask(_ message: ACPMessage, _ method: String, _ parameters: [String: JSONValue]) -> [ACPAction] {
        [
            Self.own("request", ["method": .string(method), "id": .integer(message.rawValue)]),
            .tell(message.request(method, parameters)),
        ]
    }

    private static func own(_ what: String, _ members: [String: JSONValue]) -> ACPAction {
        .put(bytes(.object(members.merging(["\(ACPMessage.ownKey)": .string(what)]) { $1 })))
    }

    private static func bytes(_ value: JSONValue) -> [UInt8] {
        (try? JSONLine.encode(value)).map { Array($0.utf8) } ?? []
    }
}

extension ACPAction {
    fileprivate static func tell(_ message: JSONValue) -> ACPAction {
        .send((try? JSONLine.encode(message)).map { Array($0.utf8) } ?? [])
    }
}

extension JSONValue {
    fileprivate func text(_ key: String) -> String? { self[key]?.stringValue }

    /// A text of sensible length, as an id or a name.
    fileprivate func name(_ key: String) -> String? {
        text(key).flatMap { (1...200).contains($0.utf8.count) ? $0 : nil }
    }

    fileprivate func int(_ key: String) -> Int? { self[key]?.intValue }

    fileprivate func list(_ key: String) -> [JSONValue] { self[key]?.arrayValue ?? [] }
}
