package import RunnerCore

/// What `runner approve` or `runner reject` did.
package struct DecidedGate: Sendable, Encodable {
    package let task: Int
    package let step: String
    package let decision: ApprovalRecord.Status
    package let by: String
    package let note: String?
    /// The step to which the work goes back.
    package let rework: String?
}
