/// A place for every step that a run of a workflow can come to have, so that steps which are made while it goes on fall
/// between those that were there from the beginning.
package struct StepLayout: Sendable, Hashable {
    private struct Place: Sendable, Hashable {
        /// From the first place of the group's turn, or of the workflow.
        var offset: Int
        /// Of one turn of a group, in places; 0 for other steps.
        var turn: Int
    }

    /// By path without numbers: `fix/test`.
    private var places: [String: Place] = [:]
    /// How many places there are.
    package private(set) var count = 0

    /// Steps that a run may come to at most.
    package static let limit = 1_000_000

    package init(_ workflow: WorkflowDefinition) {
        count = add(workflow.executionOrder, under: "")
    }

    /// Nil for what is no step of the workflow.
    package func position(of key: String) -> Int? {
        var position = 0
        var name = ""
        var turn = 0
        for component in StepPath(key).components {
            if !name.isEmpty { name += "/" }
            name += component.id
            guard let place = places[name] else { return nil }
            // A group's own place comes before those of its turns.
            position += turn + place.offset
            turn = 1 + ((component.number ?? 1) - 1) * place.turn
        }
        // Of a matrix the turn is the step itself.
        let isTurn = StepPath(key).components.last?.number != nil
        return isTurn ? position + turn : position
    }

    /// Of a group with its own, when one of its turns has `turn`; at most one more than the limit.
    static func places(of group: GroupBody, turn: Int) -> Int {
        if group.kind == .fork { return 1 + group.limit + group.epilogue.count }
        let (all, isTooMuch) = (group.kind == .matrix ? 1 : turn).multipliedReportingOverflow(by: group.mostTurns)
        return 1 + (isTooMuch ? limit : min(all, limit))
    }

    private mutating func add(_ steps: [WorkflowStep], under prefix: String) -> Int {
        var offset = 0
        for step in steps {
            let name = prefix.isEmpty ? step.id : prefix + "/" + step.id
            guard case .group(let group) = step.body else {
                places[name] = Place(offset: offset, turn: 0)
                offset += 1
                continue
            }
            if group.kind == .fork {
                places[name] = Place(offset: offset, turn: 1)
                // After the candidates comes what is made of their work.
                let after = group.epilogue.map(\.id)
                for (index, id) in after.enumerated() {
                    places[name + "/" + id] = Place(offset: group.limit + index, turn: 0)
                }
                offset += Self.places(of: group, turn: 1)
                continue
            }
            let turn = group.kind == .matrix ? 1 : add(group.executionOrder, under: name)
            places[name] = Place(offset: offset, turn: turn)
            offset += Self.places(of: group, turn: turn)
        }
        return min(offset, StepLayout.limit * 2)
    }
}
