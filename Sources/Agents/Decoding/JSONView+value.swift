import RunnerCore

extension JSONView {
    /// The whole value, to be kept.
    var value: JSONValue { value(within: .max) }

    /// The value with about `limit` bytes at most: long strings are cut, later members left out.
    func value(within limit: Int) -> JSONValue {
        var budget = limit
        return value(budget: &budget)
    }

    private func value(budget: inout Int) -> JSONValue {
        switch kind {
        case .array: return array(budget: &budget)
        case .object: return object(budget: &budget)
        case .string:
            let text = string(within: max(budget, 64)) ?? ""
            budget -= text.utf8.count + 2
            return .string(text)
        default:
            budget -= 8
            return scalar
        }
    }

    private var scalar: JSONValue {
        if let bool { return .bool(bool) }
        if kind == .integer, let int { return .integer(int) }
        if let double { return .number(double) }
        return string.map { .string($0) } ?? .null
    }

    private func array(budget: inout Int) -> JSONValue {
        var kept: [JSONValue] = []
        forEach { element in
            if budget > 0 { kept.append(element.value(budget: &budget)) }
        }
        budget -= 2
        return .array(kept)
    }

    /// Sorted, so that which members stay does not depend on where they stand; of repeated keys the last one counts.
    private func object(budget: inout Int) -> JSONValue {
        if let object = smallObject(budget: &budget) { return object }
        var positions: [String: Int] = [:]
        forEachMember { key, member in positions[key] = member.index }
        var kept: [String: JSONValue] = [:]
        for (key, position) in positions.sorted(by: { $0.key < $1.key }) {
            guard budget > 0 else { break }
            let name = key.keepingHead(bytes: 256)
            budget -= name.utf8.count + 4
            kept[name] = at(position).value(budget: &budget)
        }
        budget -= 2
        return .object(kept)
    }

    /// An object whose members all stay for certain, so that their order does not matter; nil for others, and where a key
    /// is repeated.
    private func smallObject(budget: inout Int) -> JSONValue? {
        // A byte counts for less than 5: `[1,1]` has two numbers of 8.
        guard let rawBytes, rawBytes <= 256, budget > 8 * 256 else { return nil }
        var rest = budget
        var kept = [String: JSONValue](minimumCapacity: memberCount)
        var isRepeated = false
        forEachMember { key, member in
            rest -= key.utf8.count + 4
            if kept.updateValue(member.value(budget: &rest), forKey: key) != nil { isRepeated = true }
        }
        guard !isRepeated else { return nil }
        budget = rest - 2
        return .object(kept)
    }
}

extension JSONValue {
    /// Nil unless `json` is exactly one JSON value, with space around it at most.
    init?(json: [UInt8]) {
        var tape = JSONTape()
        guard let value = tape.read(json.span, { $0.value }) else { return nil }
        self = value
    }
}
