/// What is known of an agent beside how it is driven.
package struct AgentFacts: Sendable, Hashable {
    /// The version whose streams were recorded; nil where none was.
    package let provenVersion: String?
    package let reports: Set<AgentCapability>
    /// Variables with a key, any one of which will do.
    package let keys: [String]
    /// Files with a login, any one of which will do in the place of a key.
    package let logins: [AgentLogin]
    /// Whether it may have a login where nobody can look, so that nothing found says nothing.
    package let mayHideLogin: Bool

    init(
        provenVersion: String? = nil, reports: Set<AgentCapability> = [.sessions, .tools, .tokens],
        keys: [String] = [], logins: [AgentLogin] = [], mayHideLogin: Bool = false
    ) {
        self.provenVersion = provenVersion
        self.reports = reports
        self.keys = keys
        self.logins = logins
        self.mayHideLogin = mayHideLogin
    }
}
