package import Foundation

/// What a running agent asks a person; its process waits for the answer.
package struct PermissionQuestion: Sendable, Hashable, Codable {
    package var number: Int
    package var task: Int
    package var run: Int
    package var step: String
    /// What the agent wants to do.
    package var title: String
    /// With what, as the agent tells it.
    package var detail: String
    package var askedAt: Date
    package var expiresAt: Date

    /// A person's answer.
    struct Answer: Sendable, Hashable, Codable {
        var isAllowed: Bool
        var by: String
        var note: String?
    }
}
