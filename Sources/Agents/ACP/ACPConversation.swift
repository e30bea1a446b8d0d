package import RunnerCore

/// The runner's side of one turn in the Agent Client Protocol, version 1: https://agentclientprotocol.com
///
/// Pure: it is fed what the agent prints and says what to do. Every line of the agent's goes to the output as it came;
/// lines of the runner's own, which say what it asked and decided, stand between them.
package struct ACPConversation: Sendable {
    enum Phase {
        case initialize, authenticate, session, mode, model, prompt, over
    }

    private struct Line {
        let bytes: [UInt8]
        let isCut: Bool

        init(_ bytes: Span<UInt8>, isCut: Bool) {
            self.bytes = bytes.withUnsafeBufferPointer { Array($0) }
            self.isCut = isCut
        }
    }

    let request: ACPRequest
    let worktree: String
    private var lines = LineSplitter(limit: OutputLines.maximumBytes, oversize: .headOnly)
    var phase = Phase.initialize
    private var sessionID: String?
    var capabilities = JSONValue.null
    private(set) var isCancelled = false
    /// Whether it has said something since the prompt.
    private var isAtWork = false
    var wishes: [(ACPMessage, String, [String: JSONValue])] = []
    /// Whether the session was asked for by the way that tells no history.
    var isResuming = false
    var calls = ACPCalls()
    /// Questions for permission that wait for a person.
    var open: [Int: (id: JSONValue, parameters: JSONValue)] = [:]
    var questions = 0

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
            if phase == .prompt { isAtWork = true }
            guard let id = value["id"], id != .null else {
                calls.note(value["params"]?["update"] ?? .null)
                return []
            }
            return asked(method, id, value["params"] ?? .null)
        }
        let error = value["error"].flatMap { $0 == .null ? nil : $0 }
        if let error, (value["id"] ?? .null) == .null { return unread(error) }
        guard let message = ACPMessage(id: value["id"]) else { return [] }
        if let error { return failed(message, error) }
        return answered(message, value["result"] ?? .null)
    }

    private mutating func answered(_ message: ACPMessage, _ result: JSONValue) -> [ACPAction] {
        switch (message, phase) {
        case (.initialize, .initialize):
            guard result["protocolVersion"]?.plainText == "1" else {
                let version = result["protocolVersion"].map { ": it answered \($0.plainText.prefix(20))" } ?? ""
                return give(up: "invalid_request", "the agent does not speak version 1 of the protocol\(version)")
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
            return wish(id, result) + goOn(id)
        case (.mode, .mode), (.model, .model): return goOn(sessionID ?? "")
        case (.prompt, .prompt):
            phase = .over
            return [.end]
        default: return []
        }
    }

    /// An error without an id is of a message that the agent could not read. One that it was asked nothing by, while it
    /// is at work, changes nothing; else no answer would ever come.
    private mutating func unread(_ error: JSONValue) -> [ACPAction] {
        guard phase != .over, phase != .prompt || !isAtWork else { return [] }
        return give(up: "invalid_request", "the agent could not read what it was told: \(error.text("message") ?? "")")
    }

    /// The output has the error already.
    private mutating func failed(_ message: ACPMessage, _ error: JSONValue) -> [ACPAction] {
        guard phase != .over else { return [] }
        // Some announce a way to go on that they do not have.
        if phase == .session, message == .session, isResuming, let session = request.session,
            error.int("code") == ACPMessage.unknownMethod, capabilities["loadSession"]?.boolValue == true
        {
            isResuming = false
            return load(session)
        }
        let isAwaited =
            switch (message, phase) {
            case (.initialize, .initialize), (.authenticate, .authenticate), (.session, .session), (.mode, .mode),
                (.model, .model), (.prompt, .prompt):
                true
            default: false
            }
        guard isAwaited else { return [] }
        phase = .over
        return [.end]
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

    mutating func give(up kind: String, _ text: String) -> [ACPAction] {
        phase = .over
        return [Self.own("error", ["kind": .string(kind), "text": .string(text)]), .end]
    }

    /// A request, and a line that tells of it; the prompt itself is with the attempt already.
    func ask(_ message: ACPMessage, _ method: String, _ parameters: [String: JSONValue]) -> [ACPAction] {
        [
            Self.own("request", ["method": .string(method), "id": .integer(message.rawValue)]),
            .tell(message.request(method, parameters)),
        ]
    }

    static func own(_ what: String, _ members: [String: JSONValue]) -> ACPAction {
        .put(bytes(.object(members.merging(["\(ACPMessage.ownKey)": .string(what)]) { $1 })))
    }

    private static func bytes(_ value: JSONValue) -> [UInt8] {
        (try? JSONLine.encode(value)).map { Array($0.utf8) } ?? []
    }
}
