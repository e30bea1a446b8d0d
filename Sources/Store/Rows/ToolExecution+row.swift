import Foundation
import Postgres
import RunnerCore

extension ToolExecution {
    static let columnNames = [
        "call_id", "name", "arguments", "output", "status", "error", "started_at", "completed_at",
    ]

    init(_ row: PostgresRow, _ alias: String) throws {
        let column = AliasedRow(row: row, alias: alias)
        self.init(
            callID: try column("call_id"), name: try column("name"), arguments: try column("arguments"),
            output: try column.optional("output"), status: try column("status"),
            error: try column.optional("error"), startedAt: try column("started_at"),
            completedAt: try column.optional("completed_at"))
    }

    /// The calls as one JSON document for `jsonb_to_recordset`; the last word on a call counts.
    static func document(_ tools: [ToolExecution]) -> JSONDocument {
        var order: [String] = []
        var latest: [String: ToolExecution] = [:]
        for tool in tools {
            if latest.updateValue(tool, forKey: tool.callID) == nil { order.append(tool.callID) }
        }
        let documents = order.enumerated().compactMap { position, callID in latest[callID]?.document(at: position) }
        return JSONDocument(text: "[\(documents.joined(separator: ","))]")
    }

    private func document(at position: Int) -> String {
        // A call that was still running when its attempt ended has an end that nobody saw.
        let ended = status == .running ? .unknown : status
        let members = JSONValue.object([
            "position": .integer(position), "call_id": .string(callID),
            "name": .string(name.isEmpty ? "unknown" : String(name.prefix(500))),
            "output": output.map(JSONValue.string) ?? .null,
            "status": .string(ended.rawValue), "error": error.map(JSONValue.string) ?? .null,
            "started_at": startedAt.plausible?.postgresText.map(JSONValue.string) ?? .null,
            "completed_at": completedAt?.plausible?.postgresText.map(JSONValue.string) ?? .null,
        ])
        // The arguments are a document already.
        return "{\"arguments\":\(arguments.text),\(members.jsonText.dropFirst())"
    }
}
