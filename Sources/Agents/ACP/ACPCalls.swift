import RunnerCore

/// What the agent told of its latest tool calls: a question for permission may name no more than a call's id.
struct ACPCalls: Sendable {
    private var known: [String: JSONValue] = [:]
    private var order: [String] = []

    private static let limit = 100
    /// Of the title and the arguments of a call.
    private static let bytes = 8 << 10

    /// Takes an update of the session.
    mutating func note(_ update: JSONValue) {
        guard let id = update.name("toolCallId"), update.text("sessionUpdate")?.hasPrefix("tool_call") == true else {
            return
        }
        var members = known[id]?.objectValue ?? [:]
        for key in ["title", "rawInput"] {
            guard let value = update[key], value != .null, value.plainText.utf8.count <= Self.bytes else { continue }
            members[key] = value
        }
        if known.updateValue(.object(members), forKey: id) == nil { order.append(id) }
        if order.count > Self.limit { known[order.removeFirst()] = nil }
    }

    /// The title of the call that a question is about.
    func title(_ call: JSONValue) -> String? {
        call.text("title") ?? call.name("toolCallId").flatMap { known[$0]?.text("title") }
    }

    func input(_ call: JSONValue) -> JSONValue? {
        let own = call["rawInput"].flatMap { $0 == .null ? nil : $0 }
        return own ?? call.name("toolCallId").flatMap { known[$0]?["rawInput"] }
    }
}
