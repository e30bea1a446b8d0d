/// One step of a run that is about to be made.
package struct NewStep: Sendable, Hashable {
    package var key: String
    /// `run` or `agent`.
    package var kind: String
    package var stage: String?

    package init(key: String, kind: String, stage: String? = nil) {
        self.key = key
        self.kind = kind
        self.stage = stage
    }
}
