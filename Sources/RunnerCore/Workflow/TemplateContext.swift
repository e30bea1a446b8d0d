/// All that prompts, environment values and conditions of one step can see.
package struct TemplateContext: Sendable, Hashable {
    package var taskNumber: Int
    package var taskTitle: String
    package var taskPrompt: String
    package var repositoryName: String
    package var repositoryURL: String
    /// The repository's default branch; empty when it is not known.
    package var repositoryBranch: String
    package var baseBranch: String
    package var baseCommit: String
    package var runNumber: Int
    package var inputs: [String: JSONValue]
    package var env: [String: String]
    /// By step id; a step that has not ended may be absent.
    package var steps: [String: StepFacts]
    /// What the groups around the step say: `loop`, `item` and `matrix`.
    package var turn: TurnValues

    package init(
        taskNumber: Int, taskTitle: String, taskPrompt: String, repositoryName: String, repositoryURL: String,
        repositoryBranch: String = "", baseBranch: String, baseCommit: String, runNumber: Int,
        inputs: [String: JSONValue] = [:], env: [String: String] = [:], steps: [String: StepFacts] = [:],
        turn: TurnValues = TurnValues()
    ) {
        self.turn = turn
        self.taskNumber = taskNumber
        self.taskTitle = taskTitle
        self.taskPrompt = taskPrompt
        self.repositoryName = repositoryName
        self.repositoryURL = repositoryURL
        self.repositoryBranch = repositoryBranch
        self.baseBranch = baseBranch
        self.baseCommit = baseCommit
        self.runNumber = runNumber
        self.inputs = inputs
        self.env = env
        self.steps = steps
    }

    static let roots = [
        "task", "repository", "base", "run", "inputs", "env", "steps", "loop", "item", "matrix", "candidates",
    ]

    static let loopFields = ["number", "max"]

    /// The roots whose fields are fixed.
    static let fields = [
        "task": ["number", "title", "prompt"],
        "repository": ["name", "url", "branch"],
        "base": ["branch", "commit"],
        "run": ["number"],
    ]

    static let stepFields = [
        "status", "outcome", "exitcode", "outputs", "summary", "result", "error", "files_changed",
    ]

    /// The value of a root, for Stencil.
    var members: [String: Any] {
        var members: [String: Any] = [
            "task": TemplateMembers(["number": taskNumber, "title": taskTitle, "prompt": taskPrompt]),
            "repository": TemplateMembers(
                ["name": repositoryName, "url": repositoryURL, "branch": repositoryBranch]),
            "base": TemplateMembers(["branch": baseBranch, "commit": baseCommit]),
            "run": TemplateMembers(["number": runNumber]),
            "inputs": TemplateMembers(inputs.compactMapValues(\.templateValue)),
            "env": TemplateMembers(env),
            "steps": TemplateMembers(steps.mapValues(\.members), acceptsUnderscores: true),
            "matrix": TemplateMembers(turn.matrix.compactMapValues(\.templateValue)),
        ]
        members["item"] = turn.item?.templateValue
        members["candidates"] = turn.candidates
        if let round = turn.round {
            members["loop"] = TemplateMembers(["number": round.number, "max": round.limit])
        }
        return members
    }
}

extension JSONValue {
    /// As Stencil prints and compares it; nil for null.
    var templateValue: Any? {
        switch self {
        case .null: nil
        case .bool(let value): value
        case .integer(let value): value
        case .number(let value): value
        case .string(let value): value
        case .array(let values): values.compactMap(\.templateValue)
        case .object(let values): TemplateMembers(values.compactMapValues(\.templateValue))
        }
    }
}
