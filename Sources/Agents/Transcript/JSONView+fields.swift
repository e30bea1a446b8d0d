import RunnerCore

extension JSONView {
    /// A non-empty text of sensible length under `key`, as an id or a name.
    func name(_ key: StaticString) -> String? {
        self[key].name
    }

    /// The value itself as an id or a name.
    var name: String? {
        guard let count = textBytes, (1...200).contains(count), let text = string else { return nil }
        // Bytes that are not UTF-8 become more.
        return text.utf8.count <= 200 ? text : nil
    }

    func text(_ key: StaticString) -> String? {
        self[key].string
    }

    func int(_ key: StaticString) -> Int? {
        self[key].int
    }

    /// What `transform` makes of every element of a list, in one list.
    func flatMap(_ transform: (JSONView) -> LineEvents) -> LineEvents {
        var result = LineEvents.nothing
        forEach { result += transform($0) }
        return result
    }

    /// What `transform` makes of every element of a list, without nil.
    func compactMap<Element>(_ transform: (JSONView) -> Element?) -> [Element] {
        var result: [Element] = []
        forEach { element in
            if let made = transform(element) { result.append(made) }
        }
        return result
    }

    /// The beginning of a text, as a name that nobody knows.
    var head: String? { string?.keepingHead(bytes: 200) }

    /// A text out of a tool's result, capped.
    var outputText: String? { string(within: ToolLedger.outputBytes) }

    /// A text as one argument of a tool call, capped.
    var textArgument: JSONValue { .string(string(within: ToolLedger.argumentBytes) ?? "") }

    /// The arguments of a tool call that has only one, the member `key`, capped; `other` where it is not there.
    func argument(_ key: StaticString, or other: JSONValue = .string("")) -> JSONDocument {
        document(of: key, or: other, within: ToolLedger.argumentBytes)
    }

    /// This value, or `other` where it is not there.
    @_lifetime(copy self, copy other)
    func or(_ other: JSONView) -> JSONView {
        exists ? self : other
    }

    /// The last element of a list.
    var last: JSONView {
        @_lifetime(copy self)
        get {
            var last = -1
            forEach { last = $0.index }
            return at(last)
        }
    }

    var blockText: String? { blockText(within: .max) }

    /// The texts of a list of content blocks, or the text itself; about `limit` bytes of each at most.
    func blockText(within limit: Int) -> String? {
        guard kind == .array else { return string(within: limit) }
        return compactMap { $0["text"].string(within: limit) ?? $0.string(within: limit) }.joined(separator: "\n")
    }

    /// A tool's result as text: a text as it is, everything else as JSON; capped.
    var output: String? {
        guard let kind, kind != .null else { return nil }
        return string(within: ToolLedger.outputBytes) ?? (try? JSONLine.encode(value(within: ToolLedger.outputBytes)))
    }

    /// The arguments of a tool call, capped; an empty object where there are none.
    var arguments: JSONDocument {
        exists ? document(within: ToolLedger.argumentBytes) : .empty
    }
}

extension JSONDocument {
    /// The arguments of a tool call that an agent gives as a text of JSON, or of anything else; capped.
    init(arguments text: String) {
        var tape = JSONTape()
        let document = tape.read(Array(text.utf8).span) { $0.arguments }
        self = document ?? JSONDocument(.string(text.capped(bytes: ToolLedger.argumentBytes)))
    }
}
