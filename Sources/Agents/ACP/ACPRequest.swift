package import Foundation
import RunnerCore

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
    /// The way to log in, as the agent names it, for agents that have to be told.
    package var authMethod: String?
    /// The folder for questions to a person and their answers.
    package var questions: String?
    /// How long a question waits, in seconds.
    package var askSeconds: Int

    /// Ten minutes.
    package static let defaultAskSeconds = 600

    /// The keys of `with`.
    static let keys = ["permission", "mode", "auth-method", "ask-timeout"]

    init(_ request: AgentRequest, _ reader: OptionReader) throws(AgentsError) {
        prompt = request.prompt
        session = request.resumeSessionID
        let choices = Permission.allCases.map(\.rawValue)
        permission = Permission(rawValue: try reader.choice("permission", of: choices) ?? "") ?? .deny
        mode = try reader.string("mode")
        authMethod = try reader.string("auth-method")
        questions = request.outputFolder
        askSeconds = try reader.positiveInteger("ask-timeout") ?? Self.defaultAskSeconds
    }

    package init(
        prompt: String, session: String? = nil, permission: Permission = .deny, mode: String? = nil,
        authMethod: String? = nil, questions: String? = nil, askSeconds: Int = ACPRequest.defaultAskSeconds
    ) {
        self.prompt = prompt
        self.session = session
        self.permission = permission
        self.mode = mode
        self.authMethod = authMethod
        self.questions = questions
        self.askSeconds = askSeconds
    }

    package init(json: Data) throws {
        self = try JSONDecoder().decode(ACPRequest.self, from: json)
    }

    func json() -> Data {
        (try? JSONLine.encode(self)).map { Data($0.utf8) } ?? Data()
    }
}
