package import Foundation
package import RunnerCore

/// What the runner's side of an ACP conversation is told, on its standard input.
package struct ACPRequest: Sendable, Hashable, Codable {
    /// What becomes of a question for permission.
    package enum Permission: String, Sendable, Codable, CaseIterable {
        case deny, allow
        /// A person is asked; denied where nobody answers in time.
        case ask
    }

    package var prompt: String
    /// The session to go on with.
    package var session: String?
    package var permission: Permission
    /// The agent's mode, as it names it.
    package var mode: String?
    /// The model, for agents that offer a choice; nil where the command line names it.
    package var model: String?
    /// The way to log in, as the agent names it, for agents that have to be told.
    package var authMethod: String?
    /// What the agent shall connect to, in the protocol's own form.
    package var mcpServers: [JSONValue]?
    /// The folder for questions to a person and their answers.
    package var questions: String?
    /// How long a question waits, in seconds.
    package var askSeconds: Int

    /// Ten minutes.
    package static let defaultAskSeconds = 600

    /// The keys of `with`.
    static let keys = ["permission", "mode", "auth-method", "ask-timeout", "mcp-servers"]

    init(_ request: AgentRequest, _ reader: OptionReader) throws(AgentsError) {
        prompt = request.prompt
        session = request.resumeSessionID
        let choices = Permission.allCases.map(\.rawValue)
        permission = Permission(rawValue: try reader.choice("permission", of: choices) ?? "") ?? .deny
        mode = try reader.string("mode")
        model = try reader.word("model") ?? request.model
        authMethod = try reader.string("auth-method")
        mcpServers = try Self.servers(reader)
        questions = request.outputFolder
        askSeconds = try reader.positiveInteger("ask-timeout") ?? Self.defaultAskSeconds
    }

    package init(
        prompt: String, session: String? = nil, permission: Permission = .deny, mode: String? = nil,
        model: String? = nil, authMethod: String? = nil, questions: String? = nil,
        askSeconds: Int = ACPRequest.defaultAskSeconds
    ) {
        self.prompt = prompt
        self.session = session
        self.permission = permission
        self.mode = mode
        self.model = model
        self.authMethod = authMethod
        self.questions = questions
        self.askSeconds = askSeconds
    }

    /// The list as a person writes it, with maps where the protocol has lists of names and values.
    private static func servers(_ reader: OptionReader) throws(AgentsError) -> [JSONValue]? {
        let key = "mcp-servers"
        guard let value = reader.value(key) else { return nil }
        guard let list = value.arrayValue else { throw reader.wrongType(key, "a list of servers", value) }
        var servers: [JSONValue] = []
        for server in list {
            guard var members = server.objectValue, members["name"]?.stringValue != nil,
                members["command"]?.stringValue != nil || members["url"]?.stringValue != nil
            else { throw reader.invalid(key, "each must have a name, and a command or a url") }
            let isProgram = members["command"] != nil
            if isProgram { members["args"] = members["args"] ?? .array([]) }
            let map = isProgram ? "env" : "headers"
            let pairs = (members[map]?.objectValue ?? [:]).sorted { $0.key < $1.key }
                .map { JSONValue.object(["name": .string($0.key), "value": .string($0.value.plainText)]) }
            if members[map]?.arrayValue == nil { members[map] = .array(pairs) }
            servers.append(.object(members))
        }
        return servers
    }

    package init(json: Data) throws {
        self = try JSONDecoder().decode(ACPRequest.self, from: json)
    }

    func json() -> Data {
        (try? JSONLine.encode(self)).map { Data($0.utf8) } ?? Data()
    }
}
