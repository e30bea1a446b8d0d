package import RunnerCore

/// What a person is to be asked at a gate, and what about.
package struct ApprovalRequest: Sendable {
    package var stepID: StepID
    package var message: String
    package var commit: String?
    package var tree: String?
    /// In hexadecimal.
    package var outputsSHA256: String?
    package var rework: String?
    /// From now, by the server's clock; nil: it never expires.
    package var expires: Duration?

    package init(
        stepID: StepID, message: String, commit: String?, tree: String?, outputsSHA256: String?, rework: String?,
        expires: Duration?
    ) {
        self.stepID = stepID
        self.message = message
        self.commit = commit
        self.tree = tree
        self.outputsSHA256 = outputsSHA256
        self.rework = rework
        self.expires = expires
    }
}
