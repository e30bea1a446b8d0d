package import RunnerCore

/// What `runner batch start` was asked for.
package struct BatchRequest: Sendable {
    /// How each task is to be started; its prompt, title and inputs are those of the items.
    package var start: StartRequest
    package var items: [BatchItem]
    package var title: String
    /// Items at work at once.
    package var width: Int
    package var stopOnFailure: Bool

    package init(start: StartRequest, items: [BatchItem], title: String, width: Int, stopOnFailure: Bool) {
        self.start = start
        self.items = items
        self.title = title
        self.width = width
        self.stopOnFailure = stopOnFailure
    }
}
