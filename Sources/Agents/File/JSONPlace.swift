import RunnerCore

/// Where in an object a value stands, as a person writes it: `usage.input_tokens`, `content[].text if type=assistant`.
///
/// Keys with dots between them; `[]` stands for each element of a list. After `if` come conditions, with ` and ` between
/// them: `place=value`, or a place alone, which must hold something but null, false and an empty text or list.
struct JSONPlace: Sendable, Hashable {
    private struct Key: Hashable {
        let name: String
        let isList: Bool
    }

    private struct Condition: Hashable {
        let path: [Key]
        let value: String?

        func holds(in object: JSONValue) -> Bool {
            let found = JSONPlace.values(object, path[...])
            guard let value else { return found.contains { JSONPlace.isSomething($0) } }
            return found.contains { $0.plainText == value }
        }
    }

    private let path: [Key]
    private let conditions: [Condition]

    /// Nil for a text that is no place.
    init?(_ text: String) {
        let parts = text.split(separator: " if ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let path = Self.path(first) else { return nil }
        self.path = path
        var conditions: [Condition] = []
        for text in parts.dropFirst().flatMap({ $0.split(separator: " and ", omittingEmptySubsequences: false) }) {
            let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let path = Self.path(sides[0]) else { return nil }
            conditions.append(Condition(path: path, value: sides.dropFirst().first?.trimmingSpaces))
        }
        self.conditions = conditions
    }

    private static func path(_ text: String) -> [Key]? {
        let keys = text.trimmingSpaces.split(separator: ".", omittingEmptySubsequences: false).map { part -> Key? in
            let isList = part.hasSuffix("[]")
            let name = isList ? part.dropLast(2) : part
            let isPlain = !name.isEmpty && !name.contains { $0.isWhitespace || "[]=".contains($0) }
            return isPlain ? Key(name: String(name), isList: isList) : nil
        }
        return keys.contains(nil) || keys.isEmpty ? nil : keys.compactMap { $0 }
    }

    /// The members of an object that must be kept so that the place and its conditions can be found.
    var roots: [String] { ([path] + conditions.map(\.path)).compactMap { $0.first?.name } }

    /// What stands there; nothing where a condition does not hold.
    func values(in object: JSONValue) -> [JSONValue] {
        guard conditions.allSatisfy({ $0.holds(in: object) }) else { return [] }
        return Self.values(object, path[...])
    }

    private static func values(_ value: JSONValue, _ path: ArraySlice<Key>) -> [JSONValue] {
        guard let key = path.first else { return value == .null ? [] : [value] }
        guard let member = value[key.name] else { return [] }
        guard key.isList else { return values(member, path.dropFirst()) }
        return (member.arrayValue ?? []).flatMap { values($0, path.dropFirst()) }
    }

    static func isSomething(_ value: JSONValue) -> Bool {
        ![.null, .bool(false), .string(""), .array([]), .object([:])].contains(value)
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
