package import RunnerCore

/// What is needed to make another run of a task that has none open.
package struct NewRun: Sendable {
    package var id: RunID
    package var taskID: TaskID
    package var workflowVersionID: WorkflowVersionID
    /// What the run's templates see.
    package var context: JSONValue
    /// In the order they run.
    package var steps: [NewStep]
    /// The live session that works on it from its first moment; nil queues it.
    package var owner: SessionID?

    package init(
        id: RunID = RunID(), taskID: TaskID, workflowVersionID: WorkflowVersionID, context: JSONValue,
        steps: [NewStep], owner: SessionID? = nil
    ) {
        self.id = id
        self.taskID = taskID
        self.workflowVersionID = workflowVersionID
        self.context = context
        self.steps = steps
        self.owner = owner
    }
}
