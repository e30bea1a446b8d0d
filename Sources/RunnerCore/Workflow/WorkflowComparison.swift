import Foundation

/// Which steps of a workflow another version of it added, removed and changed.
package struct WorkflowComparison: Sendable, Hashable, Codable {
    package struct Change: Sendable, Hashable, Codable {
        package let step: String
        /// The keys of the step that differ, sorted.
        package let keys: [String]

        package init(step: String, keys: [String]) {
            self.step = step
            self.keys = keys
        }
    }

    package let added: [String]
    package let removed: [String]
    package let changed: [Change]
    /// The steps of both come in another order.
    package let isReordered: Bool
    /// Keys of the workflow itself that differ, as `inputs`; sorted.
    package let workflowKeys: [String]

    package init(from old: WorkflowDefinition, to new: WorkflowDefinition) {
        let (before, after) = (old.executionOrder.map(\.id), new.executionOrder.map(\.id))
        added = after.filter { !before.contains($0) }
        removed = before.filter { !after.contains($0) }
        isReordered = before.filter(after.contains) != after.filter(before.contains)
        changed = before.compactMap { id in
            guard let one = old.step(id), let other = new.step(id), one != other else { return nil }
            return Change(step: id, keys: Self.differences(one, other))
        }
        workflowKeys = Self.differences(old, new).filter { $0 != "steps" }
    }

    private static func differences(_ one: some Encodable, _ other: some Encodable) -> [String] {
        let (a, b) = (members(one), members(other))
        return Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }.sorted()
    }

    private static func members(_ value: some Encodable) -> [String: JSONValue] {
        guard let data = try? JSONEncoder().encode(value),
            case .object(let members)? = try? JSONDecoder().decode(JSONValue.self, from: data)
        else { return [:] }
        return members
    }
}
