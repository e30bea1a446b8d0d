/// What keeps a step's agent from working, so that another may take over.
package enum AgentTrouble: String, Sendable, Hashable, Codable, CaseIterable {
    /// Its account is at a rate or usage limit.
    case limit
    /// Its service is overloaded or cannot be reached.
    case unavailable
    /// Its program is not on this machine.
    case missing

    /// What the end of an attempt says; nil where another agent would fare no better, or nobody can tell.
    package init?(_ failure: FailureClass?) {
        switch failure {
        case .limit: self = .limit
        case .transient: self = .unavailable
        case .permanent, .budget, nil: return nil
        }
    }
}
