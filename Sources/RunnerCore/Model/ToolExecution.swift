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
    package var arguments: JSONDocument
    /// The output, which shares its memory with others'.
    package var keptOutput: TextPart?
    package var status: Status
    package var error: String?
    package var startedAt: Date
    package var completedAt: Date?

    private enum CodingKeys: String, CodingKey {
        case callID, name, arguments
        case keptOutput = "output"
        case status, error, startedAt, completedAt
    }

    package init(
        callID: String, name: String, arguments: JSONDocument, output: String? = nil, status: Status = .running,
        error: String? = nil, startedAt: Date, completedAt: Date? = nil
    ) {
        self.callID = callID
        self.name = name
        self.arguments = arguments
        keptOutput = output.map { TextPart($0[...]) }
        self.status = status
        self.error = error
        self.startedAt = startedAt
        self.completedAt = completedAt
    }

    /// Capped; the whole is in the attempt's raw output.
    package var output: String? { keptOutput.map { String($0.text) } }
}
