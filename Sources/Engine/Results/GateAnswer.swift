/// What a person says at a gate.
package struct GateAnswer: Sendable {
    package var isApproval: Bool
    package var note: String?
    /// Which gate is meant, where the person says so.
    package var step: String?
    /// Which run of the task is meant, where the person says so.
    package var run: Int?
    /// The step to which a rejection goes back; nil: what the workflow says.
    package var rework: String?

    package init(
        isApproval: Bool, note: String? = nil, step: String? = nil, run: Int? = nil, rework: String? = nil
    ) {
        self.isApproval = isApproval
        self.note = note
        self.step = step
        self.run = run
        self.rework = rework
    }
}
