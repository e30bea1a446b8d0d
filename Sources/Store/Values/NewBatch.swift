package import RunnerCore

/// What is needed to make a batch with its items; the tasks are made when it is their turn.
package struct NewBatch: Sendable {
    package struct Item: Sendable {
        package var title: String
        /// Whether the title was given, and is no first line.
        package var isTitled: Bool
        package var prompt: String
        package var labels: [String]
        package var priority: Int
        /// The workflow's inputs, complete.
        package var inputs: [String: JSONValue]
        /// The item of another batch whose text it refines.
        package var refines: Int?

        package init(
            title: String, isTitled: Bool, prompt: String, labels: [String], priority: Int,
            inputs: [String: JSONValue], refines: Int? = nil
        ) {
            self.title = title
            self.isTitled = isTitled
            self.prompt = prompt
            self.labels = labels
            self.priority = priority
            self.inputs = inputs
            self.refines = refines
        }
    }

    /// Chosen by the caller, who can so find out whether a lost answer was a yes.
    package var id: BatchID
    package var title: String
    /// The repository, the workflow, the context, the steps, the agent and the host of each task.
    package var template: NewTask
    package var items: [Item]
    package var width: Int
    package var stopOnFailure: Bool
    /// The batch whose texts it refines.
    package var refines: BatchID?

    package init(
        id: BatchID = BatchID(), title: String, template: NewTask, items: [Item], width: Int, stopOnFailure: Bool
    ) {
        self.id = id
        self.title = title
        self.template = template
        self.items = items
        self.width = width
        self.stopOnFailure = stopOnFailure
    }
}
