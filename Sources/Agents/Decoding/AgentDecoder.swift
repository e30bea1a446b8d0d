package import Foundation

/// Turns the output of one agent process into events, and its end into an outcome.
///
/// Any bytes are accepted, cut anywhere: the events depend on the bytes and their channel, never on how they were
/// cut into pieces. Memory stays bounded whatever the output's size. One value decodes one process.
package protocol AgentDecoder: Sendable {
    /// Takes the next bytes of a channel; `time` is when they were read.
    mutating func feed(_ bytes: UnsafeRawBufferPointer, from channel: OutputChannel, at time: Date) -> [AgentEvent]

    /// Decodes a last line that has no newline; further calls give nothing.
    mutating func endOfOutput(at time: Date) -> [AgentEvent]

    /// The session that the output has named so far.
    var sessionID: String? { get }

    /// Judges the attempt, after all output was fed; ends the output first where that was not done.
    mutating func finish(_ exit: AgentExit, at time: Date) -> AgentOutcome
}

extension AgentDecoder {
    /// Takes the next bytes of a channel, standard output unless told otherwise.
    package mutating func feed(
        _ bytes: some ContiguousBytes, from channel: OutputChannel = .stdout, at time: Date
    ) -> [AgentEvent] {
        bytes.withUnsafeBytes { feed($0, from: channel, at: time) }
    }
}
