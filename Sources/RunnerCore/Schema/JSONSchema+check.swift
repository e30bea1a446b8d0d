extension JSONSchema {
    /// What is wrong with a value, with its path first: `plan.files[2]: expected a string, found 3`; nil when it is right.
    ///
    /// `path` names the value itself. Takes time in proportion to the value and the schema.
    package func problem(in value: JSONValue, at path: String) -> String? {
        if !kinds.isEmpty, !kinds.contains(where: { $0.includes(value) }) {
            return "\(path): expected \(expectation), found \(value.summary)"
        }
        if let constant, !constant.isSame(as: value) {
            return "\(path): expected \(constant.summary), found \(value.summary)"
        }
        if let choices, !choices.contains(where: { $0.isSame(as: value) }) {
            let known = choices.prefix(8).map(\.summary).joined(separator: ", ") + (choices.count > 8 ? ", …" : "")
            return "\(path): expected one of \(known), found \(value.summary)"
        }
        switch value {
        case .string(let text): return problem(inText: text, at: path)
        case .integer, .number: return problem(inNumber: value, at: path)
        case .array(let values): return problem(inItems: values, at: path)
        case .object(let members): return problem(inMembers: members, at: path)
        case .null, .bool: return nil
        }
    }

    private func problem(inText text: String, at path: String) -> String? {
        let count = text.unicodeScalars.count
        if count < length.lowerBound {
            return "\(path): expected at least \(Self.count(length.lowerBound, "character")), found \(count)"
        }
        if count > length.upperBound {
            return "\(path): expected at most \(Self.count(length.upperBound, "character")), found \(count)"
        }
        guard let pattern else { return nil }
        guard count <= TextPattern.textLimit else {
            return "\(path): a text of more than \(TextPattern.textLimit) characters is not compared with a pattern"
        }
        if pattern.matches(text) { return nil }
        return "\(path): \"\(text.shortened)\" does not match \(pattern.text)"
    }

    private func problem(inNumber value: JSONValue, at path: String) -> String? {
        guard let number = value.doubleValue else { return nil }
        if let minimum, number < minimum {
            return "\(path): expected at least \(JSONValue.number(minimum).summary), found \(value.summary)"
        }
        if let maximum, number > maximum {
            return "\(path): expected at most \(JSONValue.number(maximum).summary), found \(value.summary)"
        }
        return nil
    }

    private func problem(inItems values: [JSONValue], at path: String) -> String? {
        if values.count < itemCount.lowerBound {
            return "\(path): expected at least \(Self.count(itemCount.lowerBound, "item")), found \(values.count)"
        }
        if values.count > itemCount.upperBound {
            return "\(path): expected at most \(Self.count(itemCount.upperBound, "item")), found \(values.count)"
        }
        guard let schema = items.first else { return nil }
        for (index, value) in values.enumerated() {
            if let problem = schema.problem(in: value, at: "\(path)[\(index)]") { return problem }
        }
        return nil
    }

    private func problem(inMembers members: [String: JSONValue], at path: String) -> String? {
        if let missing = required.first(where: { members[$0] == nil }) {
            return "\(Self.path(path, missing)): it is missing"
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let place = Self.path(path, name)
            if let schema = properties[name] {
                if let problem = schema.problem(in: value, at: place) { return problem }
                continue
            }
            switch additional {
            case .any: continue
            case .none:
                let near = Suggestion.closest(to: name, among: properties.keys.sorted())
                return "\(place): it is not expected" + (near.map { ", did you mean \"\($0)\"?" } ?? "")
            case .schema(let schema):
                if let problem = schema.problem(in: value, at: place) { return problem }
            }
        }
        return nil
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `plan.files`, or `plan["two words"]` for a name that is none of an identifier's.
    private static func path(_ path: String, _ name: String) -> String {
        let isPlain = EnvironmentName.isValid(name.replacing("-", with: "_"))
        return isPlain ? "\(path).\(name)" : "\(path)[\"\(name.shortened)\"]"
    }
}

extension JSONValue {
    /// The value as a message shows it, short and on one line.
    package var summary: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
        case .string(let text): "\"\(text.shortened)\""
        case .array(let values): values.isEmpty ? "an empty list" : "a list of \(values.count)"
        case .object: "an object"
        }
    }

    /// Equal as JSON Schema has it: 1 and 1.0 are the same number.
    func isSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): a == b
        case (.integer, .number), (.number, .integer), (.number, .number): doubleValue == other.doubleValue
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
        case (.object(let a), .object(let b)):
            a.count == b.count && a.allSatisfy { key, value in b[key].map { value.isSame(as: $0) } ?? false }
        default: self == other
        }
    }
}
