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
    /// Of a gate that nobody approved; with `continue-on-error` its status says that the run went on.
    let refusal: ApprovalRecord.Status?
    let attempts: [AttemptRecord]

    static func load(run: RunID, in workspace: Workspace) async throws -> [StepView] {
        let steps = try await workspace.store.steps(of: run)
        let attempts = Dictionary(grouping: try await workspace.store.attempts(of: run), by: \.stepID)
        let isGated = steps.contains { $0.kind == "approval" && $0.status.isTerminal }
        let asked = isGated ? try await workspace.store.approvals(of: run) : []
        let last = Dictionary(asked.map { ($0.stepID, $0.status) }) { $1 }
        return steps.map {
            let decision = $0.status.isTerminal ? last[$0.id] : nil
            return StepView(
                id: $0.id, position: $0.position, key: $0.key, kind: $0.kind, stage: $0.stage, status: $0.status,
                refusal: decision == .rejected || decision == .expired ? decision : nil,
                attempts: attempts[$0.id] ?? [])
        }
    }
}
