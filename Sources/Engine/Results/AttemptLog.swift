import Agents
import Foundation
import RunnerCore
import Store

/// Reads one attempt's stored output from where it stopped last.
struct AttemptLog: Sendable {
    private let attempt: AttemptID
    private var offsets: [LogStream: Int] = [:]
    private var decoder: (any AgentDecoder)?
    private var isDone = false

    init(attempt: AttemptRecord, raw: Bool) {
        self.attempt = attempt.id
        decoder = raw ? nil : attempt.agent.flatMap { try? AgentCatalog.adapter($0) }?.makeDecoder()
    }

    /// Prints what is new; with `isOver` this is the last time.
    mutating func forward(from store: Store, isOver: Bool, emit: ([UInt8]) throws -> Void) async throws {
        guard !isDone else { return }
        for stream in LogStream.allCases {
            while true {
                let offset = offsets[stream] ?? 0
                let bytes = try await store.readLog(attempt, stream, from: offset, limit: 256 << 10)
                guard !bytes.isEmpty else { break }
                offsets[stream] = offset + bytes.count
                try show(bytes, stream, emit)
            }
        }
        guard isOver else { return }
        isDone = true
        let rest = decoder?.endOfOutput(at: Date()).compactMap(AgentActivity.log).joined() ?? ""
        if !rest.isEmpty { try emit(Array(rest.utf8)) }
    }

    private mutating func show(_ bytes: [UInt8], _ stream: LogStream, _ emit: ([UInt8]) throws -> Void) throws {
        guard decoder != nil else { return try emit(bytes) }
        let channel = OutputChannel(rawValue: stream.rawValue) ?? .stdout
        let text = decoder?.feed(bytes, from: channel, at: Date()).compactMap(AgentActivity.log).joined() ?? ""
        if !text.isEmpty { try emit(Array(text.utf8)) }
    }
}
