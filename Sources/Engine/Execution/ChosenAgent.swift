import RunnerCore

/// The agent that makes an attempt, with what it is given.
struct ChosenAgent: Sendable {
    let name: String
    /// What its step says, without defaults.
    let with: [String: JSONValue]
    let options: [String: JSONValue]
    /// The run's; one among the options weighs more.
    let model: String?

    /// False for an agent that nobody knows here, and for one whose program is not on `path`.
    func isInstalled(on path: String?) -> Bool {
        guard (try? AgentCatalog.adapter(name)) != nil else { return false }
        return AgentCatalog.requirement(of: name).map { ProgramPath.find($0.program, on: path) != nil } ?? true
    }
}
