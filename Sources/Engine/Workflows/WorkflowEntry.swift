package import RunnerCore

/// One line of `runner workflow list`.
package struct WorkflowEntry: Sendable, Codable {
    package let name: String
    package let origin: WorkflowOrigin
    package let status: WorkflowStatus
    /// The version that the name means; for published ones only.
    package let version: Int?
    package let tags: [String]
    package let description: String?
    /// Whether the text of a repository may be run here; nil for other origins.
    package let isAllowed: Bool?
    /// Of a repository's text, for `runner repo allow`.
    package let sha256: String?
    /// Why it cannot be used; nil when it can.
    package let problem: String?
    /// An origin that goes before has the same name.
    package let isHidden: Bool
}
