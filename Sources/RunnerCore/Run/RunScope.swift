import Foundation

/// What one step of a run sees: the run's own values, those of the groups around it, and the steps that ended before.
///
/// A step is named by its plain id, wherever it stands; of a step that ran several times the last time counts. In a
/// round of a loop a step that has not run yet is the one of the round before. A called workflow sees its own inputs
/// and its own steps only.
package struct RunScope: Sendable {
    private let state: RunState
    /// By whole key.
    private let facts: [String: StepFacts]
    private let base: TemplateContext
    /// How keys of steps begin that are not looked at.
    private var hidden: String?

    package init(state: RunState, facts: [String: StepFacts], base: TemplateContext) {
        self.state = state
        self.facts = facts
        self.base = base
    }

    /// Where a step stands: what it sees, and the workflow as it sees it.
    package struct Place: Sendable {
        package var context: TemplateContext
        /// A step of a called workflow has that one's environment.
        package var workflow: WorkflowDefinition

        package init(context: TemplateContext, workflow: WorkflowDefinition) {
            self.context = context
            self.workflow = workflow
        }
    }

    /// What a `foreach` goes over.
    package func items(of step: WorkflowStep) throws -> [JSONValue] {
        guard let group = step.group else { return [] }
        return try list(of: group, step.id)
    }

    /// The list of the `foreach` at `key`, the same for each of its turns: what its steps do in them has no say in it, and
    /// what they did in an earlier round of a loop around it has.
    private func list(of group: GroupBody, _ key: String) throws -> [JSONValue] {
        guard let items = group.items else { return group.list }
        var scope = self
        scope.hidden = key + "#"
        return RunScope.list(try scope.place(of: key).context.render(items))
    }

    /// The items of a JSON array, or else the lines that are not empty.
    static func list(_ text: String) -> [JSONValue] {
        if text.first(where: { !$0.isWhitespace }) == "[",
            case .array(let items)? = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        {
            return items
        }
        return text.split(whereSeparator: \.isNewline).map(String.init).filter { line in
            line.contains { !$0.isWhitespace }
        }.map(JSONValue.string)
    }

    /// Throws when a template of a group around the step cannot be rendered, or an input of a called workflow is wrong.
    package func place(of key: String) throws -> Place {
        var place = Place(context: base, workflow: state.workflow)
        place.context.steps = visible(under: "")
        let components = StepPath(key).components
        for index in components.indices {
            var group = Array(components[...index])
            let turn = group[index].number
            group[index].number = nil
            let groupKey = StepPath(group).text
            // What is last is the step itself, unless it is a turn of a matrix.
            guard index < components.count - 1 || turn != nil, let body = state.workflow.step(groupKey)?.group else {
                continue
            }
            try enter(body, groupKey, turn: turn ?? 1, &place)
        }
        return place
    }

    private func enter(_ group: GroupBody, _ key: String, turn: Int, _ place: inout Place) throws {
        let scope = StepPath.key(in: key, turn: group.isNumbered ? turn : nil, id: nil)
        switch group.kind {
        case .parallel, .fork: break
        case .loop:
            place.context.turn.round = TurnValues.Round(number: turn, limit: group.limit)
            if turn > 1 { see(StepPath.key(in: key, turn: turn - 1, id: nil), &place) }
        case .matrix:
            let combination = group.combinations.indices.contains(turn - 1) ? group.combinations[turn - 1] : [:]
            place.context.turn.matrix.merge(combination) { $1 }
        case .foreach:
            let items = try list(of: group, key)
            place.context.turn.item = items.indices.contains(turn - 1) ? items[turn - 1] : nil
        case .workflow:
            let given = try group.with.mapValues { try place.context.render($0) }
            if let called = group.called {
                let workflow = WorkflowDefinition(name: group.workflow ?? "", inputs: called.inputs, steps: [])
                place.context.inputs = try workflow.resolvedInputs(given)
                place.workflow.env = called.env
            }
            place.context.turn = TurnValues()
            place.context.steps = [:]
        }
        see(scope, &place)
    }

    private func see(_ scope: String, _ place: inout Place) {
        place.context.steps.merge(visible(under: scope)) { $1 }
    }

    /// The ended steps below a turn, by id, but for those of workflows that are called there.
    private func visible(under scope: String) -> [String: StepFacts] {
        guard state.hasGroups else { return facts }
        let prefix = scope.isEmpty ? "" : scope + "/"
        let groupKeys = state.workflow.groupKeys
        let groups = Dictionary(
            state.steps.compactMap { step in
                !step.isTurn && groupKeys.contains(StepPath.plain(step.key)) ? (step.key, step) : nil
            }, uniquingKeysWith: { $1 })
        let calls = groups.keys.filter { key in
            key.hasPrefix(prefix) && state.workflow.step(key)?.group?.kind == .workflow
        }.map { $0 + "/" }
        var found: [String: StepFacts] = [:]
        // What a fork brings along of steps that it has not got.
        let known = Set(state.steps.map(\.key))
        let brought = facts.filter { $0.key.hasPrefix(prefix) && !known.contains($0.key) && !isHidden($0.key) }
            .sorted { (state.layout.position(of: $0.key) ?? 0) < (state.layout.position(of: $1.key) ?? 0) }
        for (key, facts) in brought {
            found[StepPath(key).id] = facts
        }
        for step in state.steps where step.status.isTerminal && step.key.hasPrefix(prefix) {
            guard !isHidden(step.key), isPresent(step, groups) else { continue }
            guard !calls.contains(where: { step.key.hasPrefix($0) }) else { continue }
            found[step.isTurn ? name(of: step) : step.id] = self.facts(of: step)
        }
        return found
    }

    private func isHidden(_ key: String) -> Bool { hidden.map { key.hasPrefix($0) } ?? false }

    /// What did one of the steps of a fork that joins is known by that step's id.
    private func name(of turn: StepState) -> String {
        guard let parent = turn.parent, let group = state.workflow.step(parent)?.group, group.joins,
            let number = StepPath(turn.key).turn, group.steps.indices.contains(number - 1)
        else { return turn.key }
        return group.steps[number - 1].id
    }

    /// False for what is left of rounds that were taken back.
    private func isPresent(_ step: StepState, _ groups: [String: StepState]) -> Bool {
        var child = step
        while let parent = child.parent {
            guard let group = groups[parent] else { return true }
            if let turn = child.ownTurn, turn > group.turn, state.workflow.step(parent)?.group?.isNumbered == true {
                return false
            }
            child = group
        }
        return true
    }

    private func facts(of step: StepState) -> StepFacts {
        guard let group = state.workflow.step(step.key)?.group else {
            var known = facts[step.key] ?? StepFacts(status: step.status, error: step.error)
            // What is recorded may be a moment behind.
            known.status = step.status
            known.outcome = step.outcomeStatus
            return known
        }
        var known = StepFacts(status: step.status, outcome: step.outcomeStatus, error: step.error)
        let children = state.children(of: step.key).map { state.steps[$0] }.filter {
            group.isPresent($0.ownTurn, of: step.turn)
        }
        let told = children.map { (step: $0, facts: facts(of: $0)) }
        let isListed = group.kind == .foreach || group.kind == .matrix
        let turns = Dictionary(grouping: told) { isListed ? $0.step.ownTurn ?? 1 : 1 }
            .sorted { $0.key < $1.key }
            .map { $0.value.reduce(into: [String: String]()) { $0.merge($1.facts.outputs) { $1 } } }
        known.outputs = isListed ? RunScope.lists(turns) : turns.first ?? [:]
        let results = told.compactMap { child in child.facts.result.map { (child.step.key, $0) } }
        known.result =
            group.kind == .loop || group.kind == .workflow || group.kind == .fork
            ? results.last?.1
            : results.isEmpty ? nil : results.map { "## \($0)\n\n\($1)" }.joined(separator: "\n\n")
        known.summary = told.compactMap(\.facts.summary).joined(separator: "\n")
        if known.summary?.isEmpty == true { known.summary = nil }
        return known
    }

    /// Each output as a JSON array with one value for each turn.
    private static func lists(_ turns: [[String: String]]) -> [String: String] {
        let names = Set(turns.flatMap(\.keys))
        return Dictionary(
            uniqueKeysWithValues: names.map { name in
                (name, JSONValue.array(turns.map { .string($0[name] ?? "") }).plainText)
            })
    }
}
