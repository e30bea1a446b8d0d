import Foundation
package import RunnerCore
import Store

extension Workspace {
    /// Makes the batch whose items run an agent over the texts of another one's items that have not begun.
    package func makeRefinement(
        _ request: RefineRequest, progress: @escaping ProgressHandler, cancellation: Cancellation
    ) async throws -> BatchRecord {
        let batch = try await store.batch(matching: request.batch)
        let items = try await store.batchItems(batch.id).filter { $0.status == .pending && $0.task == nil }
        guard let first = items.first, let repository = batch.repositoryID else {
            throw EngineError(
                .wrongState, "batch \(batch.number) has no item that has not begun",
                hint: "make one that waits with runner batch start --hold")
        }
        let start = StartRequest(
            repository: try await store.repository(repository).id.description, prompt: first.text,
            workflow: request.workflow, agent: request.agent, agentCommand: request.agentCommand, model: request.model,
            fallback: request.fallback)
        let template = try await taskTemplate(start, progress: progress, cancellation: cancellation)
        await tellUncommitted(template, progress: progress)
        let workflow = template.workflow
        let inputs = try workflow.resolvedInputs([:])
        var new = NewBatch(
            title: "refine batch \(batch.number)", template: template.task,
            items: items.map { item in
                NewBatch.Item(
                    title: "refine: \(item.title)", isTitled: true, prompt: item.text, labels: ["refine"], priority: 0,
                    inputs: inputs, refines: item.item)
            }, width: request.width, stopOnFailure: false)
        new.refines = batch.id
        return try await create(new)
    }

    /// Has refined texts take the place of the first ones, all or those of `items`; returns how many did.
    ///
    /// Refused as a whole when one of the named items has begun, has no refined text, or has one that cannot be used.
    package func acceptRefined(_ text: String, items chosen: [Int]) async throws -> Int {
        let batch = try await store.batch(matching: text)
        let items = try await store.batchItems(batch.id)
        let titled = try await store.titledItems(of: batch.id)
        var changes: [Int: (title: String?, prompt: String)] = [:]
        for number in chosen.isEmpty ? items.map(\.item) : chosen {
            guard let item = items.first(where: { $0.item == number }) else {
                throw EngineError(.wrongState, "batch \(batch.number) has no item \(number)")
            }
            let isOpen = item.status == .pending && item.task == nil
            guard isOpen, let refined = item.refined else {
                if chosen.isEmpty { continue }
                throw EngineError(
                    .wrongState,
                    "item \(number) of batch \(batch.number) "
                        + (isOpen ? "has no refined text" : "has begun already, so its text stays as it is"),
                    hint: "see: runner batch show \(batch.number) --refined")
            }
            if let problem = TaskText.validate(prompt: refined) {
                throw EngineError(.wrongState, "the refined text of item \(number) cannot be used: \(problem)")
            }
            changes[number] = (titled.contains(number) ? nil : Workspace.title(of: refined), refined)
        }
        guard !changes.isEmpty else {
            throw EngineError(
                .wrongState, "batch \(batch.number) has no refined text that could be accepted",
                hint: "make some: runner batch refine \(batch.number)")
        }
        return try await store.acceptRefined(changes, in: batch.id)
    }
}
