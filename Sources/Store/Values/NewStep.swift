package import RunnerCore

/// One step of a run that is about to be made.
package struct NewStep: Sendable, Hashable {
    package var key: String
    /// 0-based; nil: after the one before it.
    package var position: Int?
    /// `run`, `agent`, `setup` or a kind of group.
    package var kind: String
    package var stage: String?
    /// `pending`, or how it ended in the run that this one is a fork of.
    package var status: StepStatus

    package init(key: String, kind: String, stage: String? = nil, status: StepStatus = .pending, position: Int? = nil) {
        self.position = position
        self.key = key
        self.kind = kind
        self.stage = stage
        self.status = status
    }
}
