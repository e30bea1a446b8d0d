import Agents
package import RunnerCore

/// An agent's event as one line for a person.
package enum AgentActivity {
    /// Nil for events that say nothing to a person.
    static func line(_ event: AgentEvent) -> String? {
        switch event {
        case .message(let message): return first(message.text)
        case .toolStarted(let tool): return "\(tool.name) \(argument(tool.input))"
        case .retry(let retry): return "waits for its model (\(retry.kind.rawValue), try \(retry.attempt))"
        case .limit(let limit): return first(limit.text)
        case .error(let problem): return first(problem.message)
        case .notice(let notice): return first(notice.text)
        case .text(let line): return line.text.isEmpty ? nil : line.text
        case .session, .thinking, .toolFinished, .usage, .result, .unknown: return nil
        }
    }

    /// An agent's event as the text of a log; nil for events that are not shown there.
    static func log(_ event: AgentEvent) -> String? {
        switch event {
        case .session(let session): "session \(session.id)\(session.model.map { ", \($0)" } ?? "")\n"
        case .message(let message): message.text + "\n"
        case .thinking(let message): message.text.split(separator: "\n").map { "  ~ \($0)\n" }.joined()
        case .toolStarted(let tool): "> \(tool.name) \(argument(tool.input))\n"
        case .toolFinished(let tool):
            (tool.output ?? "").split(separator: "\n", maxSplits: 40).prefix(40).map { "  | \($0)\n" }.joined()
                + (tool.denied ? "  | (denied)\n" : tool.failed ? "  | (failed)\n" : "")
        case .text(let line): line.text + "\n"
        case .result(let result): result.errors.map { "error: \($0)\n" }.joined()
        case .retry, .limit, .error, .notice: line(event).map { "! \($0)\n" }
        case .usage, .unknown: nil
        }
    }

    /// The first line that shows something. A message may be long, so no more of it is looked at.
    private static func first(_ text: String) -> String? {
        let seen = text.drop { $0.isWhitespace || $0.isNewline }
        let line = seen.prefix { !$0.isNewline }
        return line.isEmpty ? nil : String(line)
    }

    /// The first line of the argument of a tool call that says most; nil where none is known.
    package static func telling(of arguments: JSONValue) -> String? {
        for key in ["command", "file_path", "path", "pattern", "query", "url", "description"] {
            if let text = arguments[key]?.stringValue { return first(text) ?? "" }
        }
        // A single text can only be what is meant.
        guard let members = arguments.objectValue, members.count == 1 else { return nil }
        return members.first?.value.stringValue.flatMap(first)
    }

    /// The one argument that says most: a command, a path, else all of them.
    private static func argument(_ document: JSONDocument) -> String {
        let input = document.value
        if let text = telling(of: input) { return text }
        return String(input.plainText.prefix(200))
    }
}
