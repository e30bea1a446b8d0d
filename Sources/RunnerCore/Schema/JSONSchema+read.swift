extension JSONSchema {
    /// Reads a schema: the name of a type, or a map of keywords. Throws where and why it is none.
    package init(_ document: JSONValue) throws(JSONSchemaError) {
        self.init(document: document)
        if case .string(let name) = document {
            kinds = [try Self.kind(name, at: [])]
            return
        }
        guard case .object(let members) = document else {
            throw JSONSchemaError(
                [], "expected a schema: the name of a type or a map of keywords, found \(document.summary)")
        }
        for (keyword, value) in members.sorted(by: { $0.key < $1.key }) { try read(keyword, value) }
        if let minimum, let maximum, minimum > maximum {
            throw JSONSchemaError([.key("minimum")], "it is larger than \"maximum\"")
        }
    }

    private mutating func read(_ keyword: String, _ value: JSONValue) throws(JSONSchemaError) {
        let place: [JSONSchemaError.Component] = [.key(keyword)]
        switch keyword {
        case "title", "description":
            guard value.stringValue != nil else {
                throw JSONSchemaError(place, "expected a text, found \(value.summary)")
            }
        case "type": kinds = try Self.kinds(value, at: place)
        case "enum":
            guard case .array(let values) = value, !values.isEmpty else {
                throw JSONSchemaError(place, "expected a list of values, found \(value.summary)")
            }
            choices = values
        case "const": constant = value
        case "properties":
            guard case .object(let members) = value else {
                throw JSONSchemaError(place, "expected a map of schemas, found \(value.summary)")
            }
            for (name, schema) in members.sorted(by: { $0.key < $1.key }) {
                properties[name] = try Self.inner(schema, at: place + [.key(name)])
            }
        case "required":
            guard case .array(let names) = value else {
                throw JSONSchemaError(place, "expected a list of names, found \(value.summary)")
            }
            for (index, name) in names.enumerated() {
                guard let name = name.stringValue else {
                    throw JSONSchemaError(place + [.index(index)], "expected a name, found \(names[index].summary)")
                }
                required.append(name)
            }
        case "additionalProperties":
            if let isAllowed = value.boolValue {
                additional = isAllowed ? .any : .none
            } else {
                additional = .schema(try Self.inner(value, at: place))
            }
        case "items": items = [try Self.inner(value, at: place)]
        case "minItems": itemCount = try Self.range(from: value, itemCount, at: place)
        case "maxItems": itemCount = try Self.range(to: value, itemCount, at: place)
        case "minLength": length = try Self.range(from: value, length, at: place)
        case "maxLength": length = try Self.range(to: value, length, at: place)
        case "minimum": minimum = try Self.number(value, at: place)
        case "maximum": maximum = try Self.number(value, at: place)
        case "pattern":
            guard let text = value.stringValue else {
                throw JSONSchemaError(place, "expected a pattern, found \(value.summary)")
            }
            do {
                pattern = try TextPattern(text)
            } catch {
                throw JSONSchemaError(place, error.description)
            }
        default:
            let near = Suggestion.closest(to: keyword, among: Self.keywords)
            throw JSONSchemaError(
                place,
                "unknown keyword \"\(keyword.shortened)\", "
                    + (near.map { "did you mean \"\($0)\"?" } ?? "known are \(Self.keywords.joined(separator: ", "))"))
        }
    }

    private static func inner(
        _ value: JSONValue, at place: [JSONSchemaError.Component]
    ) throws(JSONSchemaError) -> JSONSchema {
        do {
            return try JSONSchema(value)
        } catch {
            throw JSONSchemaError(place + error.path, error.message)
        }
    }

    private static func kind(_ name: String, at place: [JSONSchemaError.Component]) throws(JSONSchemaError) -> Kind {
        if let kind = Kind(rawValue: name) { return kind }
        let known = Kind.allCases.map(\.rawValue)
        let near = Suggestion.closest(to: name, among: known)
        throw JSONSchemaError(
            place,
            "unknown type \"\(name.shortened)\", "
                + (near.map { "did you mean \"\($0)\"?" } ?? "known are \(known.joined(separator: ", "))"))
    }

    private static func kinds(
        _ value: JSONValue, at place: [JSONSchemaError.Component]
    ) throws(JSONSchemaError) -> [Kind] {
        switch value {
        case .string(let name): return [try kind(name, at: place)]
        // YAML's null, where the name of the type was meant.
        case .null: return [.null]
        case .array(let names) where !names.isEmpty:
            var kinds: [Kind] = []
            for (index, name) in names.enumerated() {
                let text = name == .null ? "null" : name.stringValue
                guard let text else {
                    throw JSONSchemaError(
                        place + [.index(index)], "expected the name of a type, found \(name.summary)")
                }
                kinds.append(try kind(text, at: place + [.index(index)]))
            }
            return kinds
        default: throw JSONSchemaError(place, "expected the name of a type, found \(value.summary)")
        }
    }

    private static func count(
        _ value: JSONValue, at place: [JSONSchemaError.Component]
    ) throws(JSONSchemaError) -> Int {
        guard let count = value.intValue, count >= 0 else {
            throw JSONSchemaError(place, "expected a number from 0, found \(value.summary)")
        }
        return count
    }

    private static func range(
        from value: JSONValue, _ range: ClosedRange<Int>, at place: [JSONSchemaError.Component]
    ) throws(JSONSchemaError) -> ClosedRange<Int> {
        let count = try count(value, at: place)
        guard count <= range.upperBound else { throw JSONSchemaError(place, "it is larger than the maximum") }
        return count...range.upperBound
    }

    private static func range(
        to value: JSONValue, _ range: ClosedRange<Int>, at place: [JSONSchemaError.Component]
    ) throws(JSONSchemaError) -> ClosedRange<Int> {
        let count = try count(value, at: place)
        guard count >= range.lowerBound else { throw JSONSchemaError(place, "it is smaller than the minimum") }
        return range.lowerBound...count
    }

    private static func number(
        _ value: JSONValue, at place: [JSONSchemaError.Component]
    ) throws(JSONSchemaError) -> Double {
        guard let number = value.doubleValue else {
            throw JSONSchemaError(place, "expected a number, found \(value.summary)")
        }
        return number
    }
}

/// The JSON of a schema is the schema.
extension JSONSchema: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(JSONValue(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws {
        try document.encode(to: encoder)
    }
}
