package import RunnerCore

/// What would run, and whether it could be started now.
package struct WorkflowPlan: Sendable, Codable {
    package let workflow: String
    package let origin: String
    package let status: WorkflowStatus
    package let model: String?
    /// Those that the workflow lists.
    package let stages: [WorkflowStage]
    package let steps: [WorkflowOutline.Step]
    /// Why a start would be refused here, one sentence each.
    package let obstacles: [String]
}
