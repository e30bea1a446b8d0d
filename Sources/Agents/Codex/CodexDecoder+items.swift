import Foundation
import RunnerCore

extension CodexDecoder {
    /// Item ids begin anew in every process; within one they are unique.
    mutating func item(_ item: JSONView, isCompleted: Bool, at time: Date) -> LineEvents {
        switch item["type"] {
        case "agent_message": return isCompleted ? transcript.say(item.text("text")) : []
        case "reasoning": return isCompleted ? transcript.think(item.text("text")) : []
        case "command_execution":
            return tool(
                "shell", item.argument("command"), output: item["aggregated_output"].outputText, item, isCompleted, time
            )
        case "file_change":
            return tool(
                "apply_patch", item.argument("changes", or: .array([])), output: nil, item, isCompleted, time)
        case "mcp_tool_call":
            let name = [item.name("server"), item.name("tool")].compactMap { $0 }.joined(separator: "/")
            let output = item["error"].output ?? item["result"].output
            return tool(
                name.isEmpty ? "mcp" : name, item["arguments"].arguments, output: output, item, isCompleted,
                time)
        case "web_search":
            return tool("web_search", item.argument("query"), output: nil, item, isCompleted, time)
        case "todo_list": return []
        // A warning: the turn goes on after it.
        case "error": return LineEvents(item.text("message").map { .notice(AgentNotice(text: $0)) })
        default: return .one(.unknown(UnknownEvent(name: "item/\(item["type"].head ?? "")")))
        }
    }

    private mutating func tool(
        _ name: String, _ input: @autoclosure () -> JSONDocument, output: @autoclosure () -> String?,
        _ item: JSONView, _ isCompleted: Bool, _ time: Date
    ) -> LineEvents {
        let id = transcript.tools.callID(item["id"]) { $0.name }
        let started = transcript.startTool(id, name: name, input: input(), at: time)
        guard isCompleted else { return started }
        let status = item["status"]
        let isDeclined = "declined" ~= status
        let failed = "failed" ~= status || isDeclined || (item.int("exit_code") ?? 0) != 0
        let finished = transcript.finishTool(id, output: output(), failed: failed, denied: isDeclined, at: time)
        return started + finished
    }
}
