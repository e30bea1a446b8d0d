import Foundation
import Postgres
import RunnerCore

extension AttemptRecord {
    static let columnNames = [
        "id", "step_id", "number", "agent", "agent_session_id", "status", "exit_code", "signal", "input", "output",
        "commit_before", "commit_after", "branch_before", "files_changed", "insertions", "deletions", "model",
        "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd", "output_bytes",
        "output_sha256", "log", "log_removed_at", "stop", "started_at",
        "finished_at", "duration_ms", "error", "failure_class", "retry_at",
    ]

    init(_ row: PostgresRow, _ alias: String) throws {
        let column = AliasedRow(row: row, alias: alias)
        self.init(
            id: try column("id"), stepID: try column("step_id"), number: try column("number"),
            agent: try column.optional("agent"), agentSessionID: try column.optional("agent_session_id"),
            status: try column("status"), exitCode: try column.optional("exit_code"),
            signal: try column.optional("signal"), input: try column("input"), output: try column("output"),
            commitBefore: try column.optional("commit_before"), commitAfter: try column.optional("commit_after"),
            branchBefore: try column.optional("branch_before"),
            filesChanged: try column.optional("files_changed"), insertions: try column.optional("insertions"),
            deletions: try column.optional("deletions"), model: try column.optional("model"),
            usage: try Self.usage(column), costUSD: try column.optional("cost_usd"),
            outputBytes: try column.optional("output_bytes"), outputSHA256: try Self.digest(column),
            log: try Self.document(column, "log"), logRemovedAt: try column.optional("log_removed_at"),
            stop: try Self.document(column, "stop"), startedAt: try column("started_at"),
            finishedAt: try column.optional("finished_at"),
            durationMilliseconds: try column.optional("duration_ms"), error: try column.optional("error"),
            failureClass: try column.optional("failure_class"), retryAt: try column.optional("retry_at"))
    }

    /// A check of the table lets the four be known only together.
    private static func usage(_ column: AliasedRow) throws -> TokenUsage? {
        guard let input: Int = try column.optional("input_tokens") else { return nil }
        return TokenUsage(
            input: input, output: try column("output_tokens"), cacheRead: try column("cache_read_tokens"),
            cacheWrite: try column("cache_write_tokens"))
    }

    private static func digest(_ column: AliasedRow) throws -> String? {
        guard let bytes: [UInt8] = try column.optional("output_sha256") else { return nil }
        return bytes.hexadecimal
    }

    private static func document<Value: Decodable>(_ column: AliasedRow, _ name: String) throws -> Value? {
        guard let text: String = try column.optional(name) else { return nil }
        return try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    /// A value as the text of a `jsonb` column.
    static func document(_ value: (some Encodable)?) -> String? {
        value.flatMap { try? JSONEncoder().encode($0) }.map { String(decoding: $0, as: UTF8.self) }
    }
}
