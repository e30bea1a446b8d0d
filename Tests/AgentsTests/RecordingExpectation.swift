import Agents
import Foundation

/// What a recording holds, written down by reading its raw lines.
struct RecordingExpectation: Decodable, Sendable {
    let status: AgentOutcome.Status
    let kind: AgentErrorKind?
    /// The beginning of the reason.
    let reason: String?
    let session: String?
    let model: String?
    /// `["*"]` where the speech is too long to repeat.
    let messages: [String]
    let final: String?
    /// Name and status.
    let tools: [String]
    /// Input, output, cache read, cache write.
    let tokens: [Int]?
    let cost: Double?
    let turns: Int?
    let retries: Int
    /// Seconds from the reading to the limit's end.
    let resets: Double?

    static func all(of agent: String) throws -> [String: RecordingExpectation] {
        let file = try Recording.directory(agent).appending(path: "expected.json")
        return try JSONDecoder().decode([String: RecordingExpectation].self, from: Data(contentsOf: file))
    }
}
