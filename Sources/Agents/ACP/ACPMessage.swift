import RunnerCore

/// The requests that the runner sends in an ACP conversation, each once and under a number of its own.
enum ACPMessage: Int {
    case initialize = 1
    case authenticate, session, mode, prompt, model

    /// The request that is answered under an id; some give a number back as a text.
    init?(id: JSONValue?) {
        guard let number = id?.intValue ?? id?.stringValue.flatMap({ Int($0) }) else { return nil }
        self.init(rawValue: number)
    }

    /// JSON-RPC's "method not found" and "invalid params".
    static let unknownMethod = -32601
    static let invalidParameters = -32602

    /// The key of the lines that the runner itself adds to the agent's.
    static let ownKey: StaticString = "runner_acp"

    func request(_ method: String, _ parameters: [String: JSONValue]) -> JSONValue {
        .object([
            "jsonrpc": .string("2.0"), "id": .integer(rawValue), "method": .string(method),
            "params": .object(parameters),
        ])
    }

    static func notification(_ method: String, _ parameters: [String: JSONValue]) -> JSONValue {
        .object(["jsonrpc": .string("2.0"), "method": .string(method), "params": .object(parameters)])
    }

    static func reply(_ id: JSONValue, _ result: JSONValue) -> JSONValue {
        .object(["jsonrpc": .string("2.0"), "id": id, "result": result])
    }

    static func failure(_ id: JSONValue, _ code: Int, _ message: String) -> JSONValue {
        let error = JSONValue.object(["code": .integer(code), "message": .string(message)])
        return .object(["jsonrpc": .string("2.0"), "id": id, "error": error])
    }
}

extension ACPAction {
    static func tell(_ message: JSONValue) -> ACPAction {
        .send((try? JSONLine.encode(message)).map { Array($0.utf8) } ?? [])
    }
}

extension JSONValue {
    func text(_ key: String) -> String? { self[key]?.stringValue }

    /// A text of sensible length, as an id or a name.
    func name(_ key: String) -> String? {
        text(key).flatMap { (1...200).contains($0.utf8.count) ? $0 : nil }
    }

    func int(_ key: String) -> Int? { self[key]?.intValue }

    func list(_ key: String) -> [JSONValue] { self[key]?.arrayValue ?? [] }
}
