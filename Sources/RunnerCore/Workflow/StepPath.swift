/// Where a step of a run stands in the nesting of its workflow.
///
/// `fix#2/test` is the step `test` in the second round of the group `fix`, `build#3` the third combination of a matrix,
/// `reviews/style` a step of the group `reviews`. Step ids contain neither `#` nor `/`.
package struct StepPath: Sendable, Hashable {
    package struct Component: Sendable, Hashable {
        package var id: String
        package var number: Int?
    }

    package let components: [Component]

    package init(_ key: String) {
        components = key.split(separator: "/", omittingEmptySubsequences: false).map { part in
            let pieces = part.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            return Component(id: String(pieces[0]), number: pieces.count > 1 ? Int(pieces[1]) : nil)
        }
    }

    init(_ components: [Component]) {
        self.components = components
    }

    package var text: String {
        components.map { component in component.id + (component.number.map { "#\($0)" } ?? "") }
            .joined(separator: "/")
    }

    /// The step's own name, without where it stands.
    package var id: String { components.last?.id ?? "" }

    /// The group that it belongs to; nil at the top.
    package var parent: StepPath? {
        guard var last = components.last else { return nil }
        if last.number != nil {
            last.number = nil
            return StepPath(components.dropLast() + [last])
        }
        guard var above = components.dropLast().last else { return nil }
        above.number = nil
        return StepPath(components.dropLast(2) + [above])
    }

    /// Which turn of its group it belongs to, from 1.
    package var turn: Int? {
        components.last?.number ?? components.dropLast().last?.number
    }

    /// What all its siblings have in common: `fix#2` for `fix#2/test`, and nothing at the top.
    package var scope: String {
        guard let last = components.last else { return "" }
        return last.number != nil ? text : StepPath(components.dropLast().map { $0 }).text
    }

    /// The key without the numbers of turns: `fix/test` for `fix#2/test`.
    package static func plain(_ key: String) -> String {
        guard key.contains("#") else { return key }
        return StepPath(key).components.map(\.id).joined(separator: "/")
    }

    /// The key of `id` in a turn of the group `key`; without an id that of the turn itself.
    package static func key(in key: String, turn: Int?, id: String?) -> String {
        key + (turn.map { "#\($0)" } ?? "") + (id.map { "/" + $0 } ?? "")
    }
}
