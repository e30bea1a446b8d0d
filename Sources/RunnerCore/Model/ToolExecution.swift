package import Foundation

/// One tool call that an agent made, as the audit row keeps it.
package struct ToolExecution: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Codable, CaseIterable {
        case running, succeeded, failed, denied
        /// The attempt ended before the tool's result was seen.
        case unknown
    }

    /// The agent's own id of the call, unique within the attempt.
    package var callID: String
    package var name: String
    package var arguments: JSONValue
    /// Capped; the whole is in the attempt's raw output.
    package var output: String?
    package var status: Status
    package var error: String?
    package var startedAt: Date
    package var completedAt: Date?

    package init(
        callID: String, name: String, arguments: JSONValue, output: String? = nil, status: Status = .running,
        error: String? = nil, startedAt: Date, completedAt: Date? = nil
    ) {
        self.callID = callID
        self.name = name
        self.arguments = arguments
        self.output = output
        self.status = status
        self.error = error
        self.startedAt = startedAt
        self.completedAt = completedAt
    }
}
