/// What `runner replay` was asked for.
package struct ReplayRequest: Sendable {
    /// A task, or the id of a run.
    package var source: String
    package var title: String?

    package init(source: String, title: String? = nil) {
        self.source = source
        self.title = title
    }
}
