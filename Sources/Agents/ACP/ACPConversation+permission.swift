import RunnerCore

extension ACPConversation {
    /// A person's answer to the question `number`; `by` is nil where nobody answered in time.
    package mutating func decide(_ number: Int, isAllowed: Bool, by: String?, note: String? = nil) -> [ACPAction] {
        guard let question = open.removeValue(forKey: number) else { return [] }
        return decision(question.id, question.parameters, isAllowed: isAllowed, by: by ?? "nobody", note: note)
    }

    /// Answers for the person who is not there, or has the person asked.
    mutating func permission(_ id: JSONValue, _ parameters: JSONValue) -> [ACPAction] {
        guard request.permission == .ask, request.questions != nil, !isCancelled else {
            return decision(id, parameters, isAllowed: request.permission == .allow, by: nil, note: nil)
        }
        questions += 1
        open[questions] = (id, parameters)
        let call = parameters["toolCall"] ?? .null
        // A person must see that there is more than one line.
        let title = (calls.title(call) ?? call.name("toolCallId") ?? "a tool")
            .split(whereSeparator: \.isNewline).joined(separator: " \u{23CE} ")
        return [
            Self.own("question", ["title": .string(title), "number": .integer(questions)]),
            .ask(number: questions, title: title, detail: calls.input(call)?.plainText ?? ""),
        ]
    }

    /// The answer to a question for permission; what was decided goes to the output.
    private func decision(
        _ id: JSONValue, _ parameters: JSONValue, isAllowed: Bool, by: String?, note: String?
    ) -> [ACPAction] {
        let kinds = isAllowed ? ["allow_once", "allow_always"] : ["reject_once", "reject_always"]
        let options = parameters.list("options")
        let option = kinds.lazy.compactMap { kind in options.first { $0.text("kind") == kind } }.first
        let call = parameters["toolCall"] ?? .null
        var record: [String: JSONValue] = [
            "toolCallId": call["toolCallId"] ?? .null, "title": calls.title(call).map { .string($0) } ?? .null,
            "allowed": .bool(isAllowed && option != nil && !isCancelled),
        ]
        if let by { record["by"] = .string(by) }
        if let note { record["note"] = .string(note) }
        var outcome: [String: JSONValue] = ["outcome": .string("cancelled")]
        if !isCancelled, let chosen = option?["optionId"] {
            outcome = ["outcome": .string("selected"), "optionId": chosen]
        }
        return [
            Self.own("permission", record), .tell(ACPMessage.reply(id, .object(["outcome": .object(outcome)]))),
        ]
    }
}
