import Stencil

/// A dictionary for Stencil in which no name is special: in its own, `count` always means the number of entries.
struct TemplateMembers: DynamicMemberLookup {
    private let values: [String: Any]
    private let acceptsUnderscores: Bool

    init(_ values: [String: Any], acceptsUnderscores: Bool = false) {
        self.values = values
        self.acceptsUnderscores = acceptsUnderscores
    }

    subscript(dynamicMember member: String) -> Any? {
        if let value = values[member] { return value }
        guard acceptsUnderscores, member.contains("_") else { return nil }
        return values.filter { $0.key.replacing("-", with: "_") == member }.min { $0.key < $1.key }?.value
    }
}
