import Engine
import RunnerCore
import Store

/// A step with all its attempts, as JSON and tables show it.
struct StepView: Encodable {
    let id: StepID
    let position: Int
    let key: String
    let kind: String
    let stage: String?
    let status: StepStatus
    let attempts: [AttemptRecord]

    static func load(run: RunID, in workspace: Workspace) async throws -> [StepView] {
        let steps = try await workspace.store.steps(of: run)
        let attempts = Dictionary(grouping: try await workspace.store.attempts(of: run), by: \.stepID)
        return steps.map {
            StepView(
                id: $0.id, position: $0.position, key: $0.key, kind: $0.kind, stage: $0.stage, status: $0.status,
                attempts: attempts[$0.id] ?? [])
        }
    }
}
