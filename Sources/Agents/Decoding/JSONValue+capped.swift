import RunnerCore

extension JSONValue {
    /// The same value with about `bytes` bytes at most: long strings are cut, later members left out.
    func capped(bytes: Int) -> JSONValue {
        var budget = bytes
        return capped(budget: &budget)
    }

    private func capped(budget: inout Int) -> JSONValue {
        switch self {
        case .null, .bool, .integer, .number:
            budget -= 8
            return self
        case .string(let text):
            let kept = text.capped(bytes: max(budget, 64))
            budget -= kept.utf8.count + 2
            return .string(kept)
        case .array(let elements):
            var kept: [JSONValue] = []
            for element in elements {
                guard budget > 0 else { break }
                kept.append(element.capped(budget: &budget))
            }
            budget -= 2
            return .array(kept)
        case .object(let members):
            var kept: [String: JSONValue] = [:]
            // Sorted, so that which members stay does not depend on the hash seed.
            for key in members.keys.sorted() {
                guard budget > 0, let member = members[key] else { break }
                let name = key.keepingHead(bytes: 256)
                budget -= name.utf8.count + 4
                kept[name] = member.capped(budget: &budget)
            }
            budget -= 2
            return .object(kept)
        }
    }
}
