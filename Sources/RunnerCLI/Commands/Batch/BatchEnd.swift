import Engine
import RunnerCore
import Store

/// Works a batch through or leaves it to a daemon, prints how it stands then, and leaves with the status that says so.
enum BatchEnd {
    static func of(
        _ batch: BatchRecord, in workspace: Workspace, detach: Bool, output: OutputOptions, cancellation: Cancellation
    ) async throws {
        let view = BatchLiveView(options: output, batch: batch)
        view.begin()
        if detach {
            try await workspace.detachBatch(batch)
            try await report(batch.id, in: workspace, output)
            if !output.quiet { Terminal.message("see: runner batch show \(batch.number)") }
            return
        }
        let ended = try await workspace.workBatch(batch, tell: view.handler, cancellation: cancellation)
        try await report(batch.id, in: workspace, output)
        if !output.quiet { Terminal.message(BatchText.sentence(ended)) }
        switch ended.status {
        case .completed: return
        case .cancelled: throw ExitStatus.cancelled
        case .pending, .processing, .failed: throw ExitStatus.failed
        }
    }

    static func reportHeld(_ batch: BatchRecord, in workspace: Workspace, output: OutputOptions) async throws {
        try await report(batch.id, in: workspace, output)
        if !output.quiet {
            Terminal.message("batch \(batch.number) has not begun; begin it: runner batch resume \(batch.number)")
        }
    }

    private static func report(_ id: BatchID, in workspace: Workspace, _ output: OutputOptions) async throws {
        let batch = try await workspace.store.batch(id)
        guard output.json else { return Terminal.write("\(batch.number)\n") }
        try JSONOutput.print(BatchView(batch: batch, items: try await workspace.store.batchItems(id)))
    }
}
