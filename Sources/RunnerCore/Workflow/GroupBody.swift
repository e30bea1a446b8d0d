/// A step that is made of steps.
package struct GroupBody: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// Its steps run side by side in the run's worktree; none of them may change it.
        case parallel
        /// Its steps run again and again, until a check holds or the rounds are used up.
        case loop
        /// Its steps run once for each item of a list.
        case foreach
        /// One step, once for each combination of values.
        case matrix
        /// The steps of another workflow.
        case workflow
        /// Its steps run several times at once, each time in a worktree of its own; the best result goes on.
        case fork
    }

    package var kind: Kind
    /// In file order; for a `workflow` those of the named one, once it is linked.
    package var steps: [WorkflowStep]
    /// A loop ends well when this holds after a round; nil: when no step of the round failed.
    package var until: WorkflowCondition?
    /// Rounds of a loop or items of a `foreach`, at most; candidates of a `fork`.
    package var limit: Int
    /// What a `foreach` goes over: a template that gives a JSON array or lines.
    package var items: String?
    /// The same, written out.
    package var list: [JSONValue]
    /// The values of each turn of a `matrix`, by name.
    package var combinations: [[String: JSONValue]]
    /// How many steps run at once.
    package var width: Int
    /// The first item or combination that fails ends the group.
    package var failFast: Bool
    /// The workflow that is called, and what its inputs get: templates.
    package var workflow: String?
    package var with: [String: String]
    /// The default agent of each candidate of a `fork`, in turn; none: that of the run.
    package var agents: [String] = []
    /// A `fork` in which each candidate runs one of the steps, and all results are merged: `parallel` with `merge`.
    package var joins = false
    /// Resolves the conflicts of a `fork` that joins; or chooses among the candidates of one that does not: none, the highest of
    /// their outputs `score` does.
    package var judge: [WorkflowStep] = []
    /// The called workflow's own inputs and environment, once it is linked.
    package var called: Called?

    package struct Called: Sendable, Hashable, Codable {
        package var inputs: [String: WorkflowInput]
        package var env: [String: String]
    }

    package init(
        kind: Kind, steps: [WorkflowStep], until: WorkflowCondition? = nil, limit: Int = 1, items: String? = nil,
        list: [JSONValue] = [], combinations: [[String: JSONValue]] = [], width: Int = 1, failFast: Bool = true,
        workflow: String? = nil, with: [String: String] = [:]
    ) {
        self.kind = kind
        self.steps = steps
        self.until = until
        self.limit = limit
        self.items = items
        self.list = list
        self.combinations = combinations
        self.width = width
        self.failFast = failFast
        self.workflow = workflow
        self.with = with
    }

    package static let defaultRounds = 5
    package static let mostRounds = 100
    package static let defaultItems = 100
    package static let mostItems = 1_000
    package static let mostCombinations = 256
    package static let mostCandidates = 16

    /// What follows the candidates of a `fork`, in order.
    package var epilogue: [WorkflowStep] {
        func task(_ task: GroupTask) -> WorkflowStep {
            WorkflowStep(
                id: task.rawValue, body: .task(task),
                condition: task == .merged ? try? WorkflowCondition(GroupBody.hasConflicts) : nil)
        }
        guard joins else { return judge + [task(.winner)] }
        return judge.isEmpty ? [task(.merge)] : [task(.merge)] + judge + [task(.merged)]
    }

    static let hasConflicts = "steps.merge.outputs.conflicts != '0'"

    /// Whether the steps of the group are told apart by a number: `fix#2/test`.
    package var isNumbered: Bool {
        switch kind {
        case .loop, .foreach, .matrix, .fork: true
        case .parallel, .workflow: false
        }
    }

    /// Turns that the group may come to.
    package var mostTurns: Int {
        switch kind {
        case .parallel, .workflow: 1
        case .loop, .fork: limit
        case .foreach: items == nil ? list.count : limit
        case .matrix: combinations.count
        }
    }

    /// Whether a step of turn `turn` is one of those that the group has come to, when `present` is its round or how many
    /// turns it has; of a loop only the present round is.
    func isPresent(_ turn: Int?, of present: Int) -> Bool {
        guard isNumbered, let turn else { return true }
        return kind == .loop ? turn == present : turn <= present
    }

    /// In the order they run: the file's order, except that no step comes before one that it needs.
    package var executionOrder: [WorkflowStep] {
        StepOrder(steps.map { (id: $0.id, needs: $0.needs) }).indices.map { steps[$0] }
    }
}
