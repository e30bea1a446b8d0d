import RunnerCore

/// Reads the values of a step's `with` by key and type; every mistake names its key.
struct OptionReader {
    let agent: String
    private let options: [String: JSONValue]

    init(agent: String, options: [String: JSONValue], known: [String]) throws(AgentsError) {
        self.agent = agent
        self.options = options
        for key in options.keys.sorted() where !known.contains(key) {
            throw AgentsError(
                .unknownOption, agent: agent, key: key,
                message: "unknown key; known are \(known.sorted().joined(separator: ", "))")
        }
    }

    /// Null counts as absent.
    func value(_ key: String) -> JSONValue? {
        options[key] == .null ? nil : options[key]
    }

    func string(_ key: String) throws(AgentsError) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.stringValue else { throw wrongType(key, "a text", value) }
        return try checked(text, key)
    }

    /// A text that a command line cannot take for an option.
    func word(_ key: String) throws(AgentsError) -> String? {
        guard let text = try string(key) else { return nil }
        return try word(text, key)
    }

    func words(_ key: String) throws(AgentsError) -> [String]? {
        guard let texts = try strings(key) else { return nil }
        var words: [String] = []
        for text in texts { words.append(try word(text, key)) }
        return words
    }

    func strings(_ key: String) throws(AgentsError) -> [String]? {
        guard let value = value(key) else { return nil }
        guard let elements = value.arrayValue else { throw wrongType(key, "a list of texts", value) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.stringValue else { throw wrongType(key, "a list of texts", element) }
            texts.append(try checked(text, key))
        }
        return texts
    }

    /// A text, or a list of texts; empty where there is none.
    func oneOrMore(_ key: String) throws(AgentsError) -> [String] {
        guard case .string? = value(key) else { return try strings(key) ?? [] }
        return [try string(key)].compactMap { $0 }
    }

    /// A map of texts; numbers and flags count as the texts that they were written as.
    func texts(_ key: String) throws(AgentsError) -> [String: String]? {
        guard let value = value(key) else { return nil }
        guard case .object(let members) = value else { throw wrongType(key, "a map of texts", value) }
        var texts: [String: String] = [:]
        for (name, member) in members {
            guard member != .null else { throw wrongType(key, "a map of texts", member) }
            texts[name] = try checked(member.plainText, key)
        }
        return texts
    }

    /// A map of anything.
    func members(_ key: String) throws(AgentsError) -> [String: JSONValue]? {
        guard let value = value(key) else { return nil }
        guard case .object(let members) = value else { throw wrongType(key, "a map", value) }
        return members
    }

    func flag(_ key: String) throws(AgentsError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.boolValue else { throw wrongType(key, "true or false", value) }
        return flag
    }

    /// One of a few words.
    func choice(_ key: String, of words: [String]) throws(AgentsError) -> String? {
        guard let word = try string(key) else { return nil }
        guard words.contains(word) else { throw invalid(key, "must be one of \(words.joined(separator: ", "))") }
        return word
    }

    /// Further arguments for the program, none of which the adapter gives itself: given twice, its own reading of the
    /// output would fail.
    func arguments(reserved: Set<String>) throws(AgentsError) -> [String] {
        let arguments = try strings("args") ?? []
        for argument in arguments {
            let name = String(argument.prefix { $0 != "=" })
            guard !reserved.contains(name) else {
                throw invalid("args", "\"\(name)\" is set by the runner; leave it out")
            }
        }
        return arguments
    }

    func positiveInteger(_ key: String) throws(AgentsError) -> Int? {
        guard let value = value(key) else { return nil }
        guard let number = value.intValue else { throw wrongType(key, "a whole number", value) }
        guard number > 0 else { throw invalid(key, "must be greater than 0") }
        return number
    }

    func positiveNumber(_ key: String) throws(AgentsError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.doubleValue else { throw wrongType(key, "a number", value) }
        guard number > 0, number < 1e9 else { throw invalid(key, "must be greater than 0 and below 1000000000") }
        return number
    }

    func invalid(_ key: String, _ message: String) -> AgentsError {
        AgentsError(.invalidValue, agent: agent, key: key, message: message)
    }

    func wrongType(_ key: String, _ wanted: String, _ value: JSONValue) -> AgentsError {
        let given =
            switch value {
            case .null: "nothing"
            case .bool: "true or false"
            case .integer, .number: "a number"
            case .string: "a text"
            case .array: "a list"
            case .object: "a map"
            }
        return AgentsError(.wrongType, agent: agent, key: key, message: "must be \(wanted), not \(given)")
    }

    private func word(_ text: String, _ key: String) throws(AgentsError) -> String {
        guard !text.isEmpty else { throw invalid(key, "must not be empty") }
        guard !text.hasPrefix("-") else { throw invalid(key, "must not begin with a dash") }
        return text
    }

    /// No argument of a process can hold a zero byte.
    private func checked(_ text: String, _ key: String) throws(AgentsError) -> String {
        guard !text.utf8.contains(0) else { throw invalid(key, "must not hold a zero byte") }
        return text
    }
}
