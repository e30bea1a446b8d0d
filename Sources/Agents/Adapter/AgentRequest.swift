package import RunnerCore

/// What one attempt asks of an agent.
package struct AgentRequest: Sendable, Hashable {
    package var prompt: String
    /// A file that holds the prompt, written by the caller; nil when there is none.
    package var promptFile: String?
    /// A folder of this attempt's own, outside the worktree; nil when there is none.
    package var outputFolder: String?
    /// The default model; `with.model` goes before it.
    package var model: String?
    package var worktree: String
    /// The agent session to go on with.
    package var resumeSessionID: String?
    /// The id that a new session shall have, a UUID; ignored on resume and by agents without sessions.
    package var sessionID: String?
    /// The step's `with`, rendered.
    package var options: [String: JSONValue]
    /// Whether the agent will run as the superuser.
    package var isRoot: Bool
    /// Whether the agent cannot do harm outside its worktree.
    package var isSandboxed: Bool
    /// What earlier attempts reported as the totals of the session to resume.
    package var baseline: SessionTotals?

    package init(
        prompt: String = "", promptFile: String? = nil, outputFolder: String? = nil, model: String? = nil,
        worktree: String = "", resumeSessionID: String? = nil, sessionID: String? = nil,
        options: [String: JSONValue] = [:],
        isRoot: Bool = false, isSandboxed: Bool = false, baseline: SessionTotals? = nil
    ) {
        self.prompt = prompt
        self.promptFile = promptFile
        self.outputFolder = outputFolder
        self.model = model
        self.worktree = worktree
        self.resumeSessionID = resumeSessionID
        self.sessionID = sessionID
        self.options = options
        self.isRoot = isRoot
        self.isSandboxed = isSandboxed
        self.baseline = baseline
    }
}
