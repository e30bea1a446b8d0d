import RunnerCore

/// Where in the JSON that a program prints stands what it says of its run.
struct OutputPlaces: Sendable, Hashable {
    private let places: [String: [JSONPlace]]

    private static let keys = OutputPatterns.keys + ["piece"]

    init?(_ outer: OptionReader, _ key: String) throws(AgentsError) {
        guard let given = outer.value(key) else { return nil }
        guard case .object(let members) = given else { throw outer.wrongType(key, "a map of places", given) }
        let reader = try OptionReader(agent: outer.agent, options: members, known: Self.keys)
        var places: [String: [JSONPlace]] = [:]
        for name in members.keys.sorted() {
            var read: [JSONPlace] = []
            for text in try reader.oneOrMore(name) {
                guard let place = JSONPlace(text) else {
                    throw reader.invalid(name, "\"\(text.keepingHead(bytes: 80))\" is no place, such as usage.input")
                }
                read.append(place)
            }
            places[name] = read
        }
        self.places = places
    }

    func tells(_ key: String) -> Bool { places[key]?.isEmpty == false }

    /// The members of an object at its top that are looked at.
    var roots: [String] { Set(places.values.joined().flatMap(\.roots)).sorted() }

    /// The kinds of figures that are told at all, as ones.
    var wanted: UsageFigures {
        UsageFigures(
            input: tells("input-tokens") ? 1 : nil, output: tells("output-tokens") ? 1 : nil,
            cached: tells("cached-tokens") ? 1 : nil, cost: tells("cost") ? 1 : nil)
    }

    func findings(in object: JSONValue) -> OutputFindings {
        var found = OutputFindings()
        found.session = texts("session", object).first { !$0.isEmpty }
        found.messages = texts("message", object)
        found.pieces = texts("piece", object)
        let inputs = texts("tool-input", object)
        let names = texts("tool", object)
        found.tools = names.enumerated().map { place, name in
            // Only where there is one for each is it known whose they are.
            OutputFindings.Tool(name: name, input: inputs.count == names.count ? inputs[place] : nil)
        }
        found.figures = UsageFigures(
            input: count("input-tokens", object), output: count("output-tokens", object),
            cached: count("cached-tokens", object), cost: texts("cost", object).lazy.compactMap(FigureText.amount).first
        )
        found.limit = sign("limit", object)
        found.error = sign("error", object)
        found.isSuccess = sign("success", object) != nil
        return found
    }

    /// The first place at which there is anything.
    private func values(_ key: String, _ object: JSONValue) -> [JSONValue] {
        for place in places[key] ?? [] {
            let values = place.values(in: object)
            if !values.isEmpty { return values }
        }
        return []
    }

    private func texts(_ key: String, _ object: JSONValue) -> [String] { values(key, object).map(\.plainText) }

    /// Several are those of several models.
    private func count(_ key: String, _ object: JSONValue) -> Int? {
        let counts = texts(key, object).compactMap(FigureText.count)
        return counts.isEmpty ? nil : counts.reduce(0, +)
    }

    private func sign(_ key: String, _ object: JSONValue) -> String? {
        values(key, object).first { JSONPlace.isSomething($0) }?.plainText
    }
}
