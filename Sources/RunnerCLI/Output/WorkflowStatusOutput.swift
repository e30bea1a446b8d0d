import Engine
import RunnerCore

/// Gives a workflow another status and says which it has.
enum WorkflowStatusOutput {
    static func set(_ name: String, _ status: WorkflowStatus, _ output: OutputOptions) async throws {
        let record = try await Session.with { try await $0.setWorkflowStatus(name, status) }
        if output.json { return try JSONOutput.print(record) }
        if !output.quiet { Terminal.message("\(Terminal.plain(record.name)) is \(record.status.rawValue)") }
    }
}
