import Agents
import Foundation
import RunnerCore
import Store

/// Reads one attempt's stored output from where it stopped last.
struct AttemptLog: Sendable {
    /// Output, or how much of it is not there.
    enum Piece: Sendable {
        case bytes([UInt8])
        case gap(Int)
    }

    private let attempt: AttemptID
    private let streams: [LogStream]
    private var offsets: [LogStream: Int] = [:]
    private var decoder: (any AgentDecoder)?
    private var isDone = false

    init(attempt: AttemptRecord, raw: Bool, stream: LogStream?) {
        self.attempt = attempt.id
        streams = stream.map { [$0] } ?? LogStream.allCases
        decoder = raw ? nil : attempt.agent.flatMap { try? AgentCatalog.adapter($0) }?.makeDecoder()
    }

    /// Prints what is new of `record`; once its attempt is over, for the last time.
    mutating func forward(
        _ record: AttemptRecord, from store: Store, emit: (LogStream, Piece) throws -> Void
    ) async throws {
        guard !isDone else { return }
        for stream in streams {
            while true {
                let offset = offsets[stream] ?? 0
                let (start, bytes) = try await store.nextLog(attempt, stream, from: offset, limit: 256 << 10)
                guard !bytes.isEmpty else { break }
                if start > offset { try emit(stream, .gap(start - offset)) }
                offsets[stream] = start + bytes.count
                try show(bytes, stream, emit)
            }
        }
        guard record.status != .running else { return }
        isDone = true
        let rest = decoder?.endOfOutput(at: Date()).compactMap(AgentActivity.log).joined() ?? ""
        if !rest.isEmpty { try emit(.stdout, .bytes(Array(rest.utf8))) }
        for stream in streams {
            let missing = record.written(to: stream) - (offsets[stream] ?? 0)
            if missing > 0 { try emit(stream, .gap(missing)) }
        }
    }

    private mutating func show(
        _ bytes: [UInt8], _ stream: LogStream, _ emit: (LogStream, Piece) throws -> Void
    ) throws {
        guard decoder != nil else { return try emit(stream, .bytes(bytes)) }
        let channel = OutputChannel(rawValue: stream.rawValue) ?? .stdout
        let text = decoder?.feed(bytes, from: channel, at: Date()).compactMap(AgentActivity.log).joined() ?? ""
        if !text.isEmpty { try emit(stream, .bytes(Array(text.utf8))) }
    }
}

extension AttemptRecord {
    /// Bytes that the command wrote to one stream, as far as that is known.
    fileprivate func written(to stream: LogStream) -> Int {
        switch stream {
        case .stdout: log?.stdoutTotal ?? 0
        case .stderr: log?.stderrTotal ?? 0
        }
    }
}
