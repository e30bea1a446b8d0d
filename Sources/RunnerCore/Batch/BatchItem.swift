/// One task of a batch, as a file of tasks says it.
package struct BatchItem: Sendable, Hashable {
    package var text: String
    /// Nil for the text's first line.
    package var title: String?
    package var labels: [String]
    /// Nil for that of the batch.
    package var priority: Int?
    /// Values for the workflow's inputs, as they would be typed.
    package var inputs: [String: String]
    /// Where it is in the file, for messages: "line 3" or "item 3".
    package var place: String

    package init(
        text: String, title: String? = nil, labels: [String] = [], priority: Int? = nil,
        inputs: [String: String] = [:], place: String
    ) {
        self.text = text
        self.title = title
        self.labels = labels
        self.priority = priority
        self.inputs = inputs
        self.place = place
    }

    /// Why it cannot be a task, in one sentence; nil where it can.
    var problem: String? {
        if let problem = TaskText.validate(prompt: text) { return problem }
        if let title, let problem = TaskText.validate(title: title) { return problem }
        if let priority, !(-1000...1000).contains(priority) { return "the priority is not from -1000 to 1000" }
        if labels.contains(where: { $0.isEmpty || $0.utf8.count > 200 }) {
            return "a label is empty or longer than 200 bytes"
        }
        return nil
    }
}
