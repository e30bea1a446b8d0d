import Foundation
import RunnerCore

extension CodexDecoder {
    /// Item ids begin anew in every process; within one they are unique.
    mutating func item(_ item: JSONValue, isCompleted: Bool, at time: Date) -> [AgentEvent] {
        let id = item.name("id")
        switch item.text("type") {
        case "agent_message": return isCompleted ? transcript.say(item.text("text")) : []
        case "reasoning": return isCompleted ? transcript.think(item.text("text")) : []
        case "command_execution":
            return tool(
                id, "shell", .object(["command": .string(item.text("command") ?? "")]),
                output: item.text("aggregated_output"), item, isCompleted, time)
        case "file_change":
            return tool(
                id, "apply_patch", .object(["changes": item["changes"] ?? .array([])]), output: nil, item, isCompleted,
                time)
        case "mcp_tool_call":
            let name = [item.name("server"), item.name("tool")].compactMap { $0 }.joined(separator: "/")
            let output = item["error"]?.asText ?? item["result"]?.asText
            return tool(
                id, name.isEmpty ? "mcp" : name, item["arguments"] ?? .object([:]), output: output, item, isCompleted,
                time)
        case "web_search":
            return tool(
                id, "web_search", .object(["query": .string(item.text("query") ?? "")]), output: nil, item, isCompleted,
                time)
        case "todo_list": return []
        // A warning: the turn goes on after it.
        case "error": return item.text("message").map { [.notice(AgentNotice(text: $0))] } ?? []
        case let type: return [.unknown(UnknownEvent(name: "item/\(type?.keepingHead(bytes: 200) ?? "")"))]
        }
    }

    private mutating func tool(
        _ id: String?, _ name: String, _ input: JSONValue, output: String?, _ item: JSONValue, _ isCompleted: Bool,
        _ time: Date
    ) -> [AgentEvent] {
        let id = transcript.tools.callID(id)
        let started = transcript.startTool(id, name: name, input: input, at: time)
        guard isCompleted else { return started }
        let status = item.text("status")
        let failed = status == "failed" || status == "declined" || (item.int("exit_code") ?? 0) != 0
        return started
            + transcript.finishTool(id, output: output, failed: failed, denied: status == "declined", at: time)
    }
}
