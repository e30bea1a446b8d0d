import RunnerCore
import Store

/// All that makes a task of a request, checked.
struct TaskTemplate: Sendable {
    let task: NewTask
    let workflow: WorkflowDefinition
    let repository: Repository
    /// Whether the person's checkout has changes that are not committed; still being looked at when the rest is there.
    let isDirty: Task<Bool, Never>
}
