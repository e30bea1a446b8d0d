import Foundation
package import RunnerCore
import Store

extension Workspace {
    /// Makes a batch that has not begun, after everything about each of its tasks was checked.
    package func makeBatch(
        _ request: BatchRequest, progress: @escaping ProgressHandler, cancellation: Cancellation
    ) async throws -> BatchRecord {
        guard let first = request.items.first else {
            throw EngineError(.invalidArgument, "the batch has no task", hint: nil)
        }
        var start = request.start
        start.prompt = first.text
        start.title = first.title
        start.inputs = request.start.inputs.merging(first.inputs) { $1 }
        let template = try await taskTemplate(start, progress: progress, cancellation: cancellation)
        await tellUncommitted(template, progress: progress)
        let workflow = template.workflow
        let items = try request.items.map { item in
            let inputs: [String: JSONValue]
            do {
                inputs = try workflow.resolvedInputs(request.start.inputs.merging(item.inputs) { $1 })
            } catch {
                throw EngineError(
                    .invalidArgument, "\(item.place) of the tasks: \(error)",
                    hint: "see runner workflow show \(workflow.name)")
            }
            return NewBatch.Item(
                title: item.title ?? Workspace.title(of: item.text), isTitled: item.title != nil, prompt: item.text,
                labels: request.start.labels + item.labels.filter { !request.start.labels.contains($0) },
                priority: item.priority ?? request.start.priority, inputs: inputs)
        }
        let new = NewBatch(
            title: request.title, template: template.task, items: items, width: request.width,
            stopOnFailure: request.stopOnFailure)
        return try await create(new)
    }

    /// Asks for the batch once more only when it is sure that a lost answer was no yes.
    func create(_ new: NewBatch) async throws -> BatchRecord {
        for attempt in 0..<20 {
            do {
                if attempt > 0, try await store.hasBatch(new.id) { return try await store.batch(new.id) }
                return try await store.createBatch(new)
            } catch  where DatabaseAbsence.explains(error) {
                try await Task.sleep(for: .milliseconds(250))
                try? await reviveDatabase()
            }
        }
        return try await store.createBatch(new)
    }

    /// Works a batch through in this process until it has ended; returns it as it is then.
    package func workBatch(
        _ batch: BatchRecord, tell: @escaping BatchHandler, cancellation: Cancellation
    ) async throws -> BatchRecord {
        try checkTools()
        try await BatchWorker(
            workspace: self, batch: batch.id, width: batch.width, tell: tell, cancellation: cancellation
        ).run()
        return try await store.batch(batch.id)
    }

    /// Leaves a batch to the daemon of this host, which is started where none serves.
    package func detachBatch(_ batch: BatchRecord) async throws {
        try checkTools()
        try await BackgroundDaemon(workspace: self).checkPossible()
        try await store.beginBatch(batch.id, for: nil)
        _ = try await BackgroundDaemon(workspace: self).ensure()
    }

    /// Makes what did not complete, or has not begun, ready to go on; refused when there is nothing of that kind.
    ///
    /// Tasks that had begun go on where they stopped, as with `runner retry`. What cannot is told and left as it is.
    package func readyBatch(_ text: String, progress: @escaping ProgressHandler) async throws -> BatchRecord {
        let batch = try await store.batch(matching: text)
        guard batch.status != .completed else {
            throw EngineError(.wrongState, "batch \(batch.number) is completed; there is nothing to go on with")
        }
        for id in try await store.reopenBatchItems(batch.id) {
            let task = try await store.taskDetail(id).task
            do {
                try await retryParked("\(task.number)", progress: progress)
            } catch let error as EngineError {
                progress(.note("task \(task.number) stays as it is: \(error.message)"))
            }
        }
        let ready = try await store.batch(batch.id)
        guard ready.pending + ready.processing > 0 else {
            throw EngineError(
                .wrongState, "nothing of batch \(batch.number) can go on",
                hint: "see: runner batch show \(batch.number)")
        }
        return ready
    }

    /// Ends a batch and its open runs, and waits a while until they have ended.
    package func cancelBatch(_ text: String) async throws -> BatchRecord {
        let batch = try await store.batch(matching: text)
        guard !batch.status.isTerminal else {
            throw EngineError(.wrongState, "batch \(batch.number) is \(batch.status.rawValue) already")
        }
        try await cancelOpenRuns(of: batch.id)
        // A worker looks every second or two; a step may take its grace time to end.
        for _ in 0..<150 {
            let now = try await store.batch(batch.id)
            if now.processing == 0 {
                try await rescuer.runOnce()
                return now
            }
            await BackgroundDaemon(workspace: self).startForWaitingWork()
            try await Task.sleep(for: .milliseconds(200))
        }
        return try await store.batch(batch.id)
    }

    func cancelOpenRuns(of batch: BatchID) async throws {
        for run in try await store.cancelBatch(batch) ?? [] {
            let task = try await store.run(run).taskID
            let retention = try await store.taskDetail(task).repository.settings.retention
            _ = try await store.requestCancel(of: run, cleanupAfter: retention)
        }
    }
}
