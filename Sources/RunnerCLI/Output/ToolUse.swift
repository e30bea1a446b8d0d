import Engine
import Foundation
import RunnerCore
import Store

/// A tool execution with where it belongs, as JSON and tables show it.
struct ToolUse: Encodable {
    /// The number of the task's run.
    let run: Int
    let step: String
    let attempt: Int
    let agent: String?
    /// Within the attempt, from 1.
    let number: Int
    let callId: String
    let name: String
    let arguments: JSONValue
    let output: String?
    let status: ToolExecution.Status
    let error: String?
    let startedAt: Date
    let completedAt: Date?
    let durationMs: Int?

    private init(_ tool: ToolExecution, number: Int, run: Int, step: String, attempt: AttemptRecord) {
        self.run = run
        self.step = step
        self.attempt = attempt.number
        agent = attempt.agent
        self.number = number
        callId = tool.callID
        name = tool.name
        arguments = tool.arguments.value
        output = tool.output
        status = tool.status
        error = tool.error
        startedAt = tool.startedAt
        completedAt = tool.completedAt
        durationMs = tool.completedAt.map { Int(($0.timeIntervalSince(tool.startedAt) * 1000).rounded()) }
    }

    /// Of all runs of the task, the oldest first, in the order of the steps, their attempts and the calls.
    static func load(_ task: TaskRecord, step: String?, in workspace: Workspace) async throws -> [ToolUse] {
        var uses: [ToolUse] = []
        var known: Set<String> = []
        for run in try await workspace.store.taskDetail(task.id).runs.sorted(by: { $0.number < $1.number }) {
            let steps = try await StepView.load(run: run.id, in: workspace)
            known.formUnion(steps.map(\.key))
            for view in steps where step == nil || view.key == step {
                for attempt in view.attempts {
                    let tools = try await workspace.store.toolExecutions(of: attempt.id)
                    uses += tools.enumerated().map { number, tool in
                        ToolUse(tool, number: number + 1, run: run.number, step: view.key, attempt: attempt)
                    }
                }
            }
        }
        if let step, !known.isEmpty, !known.contains(step) {
            throw EngineError(
                .wrongState, "the task has no step \"\(step)\"",
                hint: "use one of \(known.sorted().joined(separator: ", "))")
        }
        return uses
    }

    /// What says most of the arguments, for a line of a table: the command among its settings.
    var headline: String {
        guard case .object(let members) = arguments, members.count > 1 else { return summary }
        return AgentActivity.telling(of: arguments) ?? summary
    }

    /// The arguments on one line: a single text as it is, everything else as JSON.
    var summary: String {
        if case .object(let members) = arguments, members.count == 1, let text = members.first?.value.stringValue {
            return text
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(arguments)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// All of it, for a person.
    var text: String {
        let time = durationMs.map { ", " + Moments.duration(milliseconds: $0) } ?? ""
        var lines = [
            "run \(run), \(step), attempt \(attempt), \(number): \(name) (\(status.rawValue)\(time))", "  \(summary)",
        ]
        if let error { lines.append("  error: \(error)") }
        lines += (output ?? "").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { "  | \($0)" }
        return lines.map { Terminal.plain($0) + "\n" }.joined()
    }
}
