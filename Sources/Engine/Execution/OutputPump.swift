import Agents
import Foundation
import RunnerCore
import Store

/// Carries an attempt's output from the shim's files to the database, the agent's decoder and the live view.
struct OutputPump: Sendable {
    private var standardOutput: OutputReader
    private var standardError: OutputReader
    private var outputLog: LogSink
    private var errorLog: LogSink
    private(set) var decoder: (any AgentDecoder)?
    /// The end of the plain output, for the step's `result` and for error messages.
    private(set) var tail: [UInt8] = []
    private(set) var errorTail: [UInt8] = []
    /// When the agent said that it is done.
    private(set) var resultSeenAt: Date?
    private let activity: @Sendable (String) -> Void

    private static let tailLimit = 16 << 10

    init(
        attempt: AttemptID, folder: String, decoder: (any AgentDecoder)?, store: Store,
        known: [LogStream: Int] = [:], activity: @escaping @Sendable (String) -> Void
    ) {
        standardOutput = OutputReader(directory: folder, stream: .stdout)
        standardError = OutputReader(directory: folder, stream: .stderr)
        outputLog = LogSink(store: store, attempt: attempt, stream: .stdout, known: known[.stdout] ?? 0)
        errorLog = LogSink(store: store, attempt: attempt, stream: .stderr, known: known[.stderr] ?? 0)
        self.decoder = decoder
        self.activity = activity
    }

    /// Moves all there is now.
    mutating func drain() async throws {
        while true {
            let now = Date()
            let output = try standardOutput.readNew(max: 64 << 10)
            let errors = try standardError.readNew(max: 64 << 10)
            if !output.isEmpty {
                try await outputLog.append(output, at: now)
                take(output, from: .stdout, at: now)
                OutputPump.keep(output, in: &tail)
            }
            if !errors.isEmpty {
                try await errorLog.append(errors, at: now)
                take(errors, from: .stderr, at: now)
                OutputPump.keep(errors, in: &errorTail)
            }
            if output.isEmpty, errors.isEmpty { return }
        }
    }

    /// Writes what is left; call once, after the last `drain`.
    mutating func finish() async throws {
        try await outputLog.flush()
        try await errorLog.flush()
        _ = decoder?.endOfOutput(at: Date())
    }

    var logFailure: String? { outputLog.failure ?? errorLog.failure }

    private mutating func take(_ bytes: [UInt8], from channel: OutputChannel, at now: Date) {
        guard decoder != nil else {
            if let line = OutputPump.lastLine(bytes) { activity(line) }
            return
        }
        for event in decoder?.feed(bytes, from: channel, at: now) ?? [] {
            if case .result = event { resultSeenAt = now }
            if let line = AgentActivity.line(event) { activity(line) }
        }
    }

    private static func keep(_ bytes: [UInt8], in tail: inout [UInt8]) {
        tail += bytes
        if tail.count > tailLimit { tail.removeFirst(tail.count - tailLimit) }
    }

    private static func lastLine(_ bytes: [UInt8]) -> String? {
        bytes.suffix(512).split(separator: UInt8(ascii: "\n")).last.map { String(decoding: $0, as: UTF8.self) }
    }
}
