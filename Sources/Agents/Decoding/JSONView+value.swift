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
}

extension JSONValue {
    /// Nil unless `json` is exactly one JSON value, with space around it at most.
    init?(json: [UInt8]) {
        var tape = JSONTape()
        guard let value = tape.read(json.span, { $0.value }) else { return nil }
        self = value
    }
}
