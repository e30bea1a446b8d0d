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
        activity: @escaping @Sendable (String) -> Void
    ) {
        standardOutput = OutputReader(directory: folder, stream: .stdout)
        standardError = OutputReader(directory: folder, stream: .stderr)
        outputLog = LogSink(store: store, attempt: attempt, stream: .stdout)
        errorLog = LogSink(store: store, attempt: attempt, stream: .stderr)
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
                await outputLog.append(output, at: now)
                take(output, from: .stdout, at: now)
                OutputPump.keep(output, in: &tail)
            }
            if !errors.isEmpty {
                await errorLog.append(errors, at: now)
                take(errors, from: .stderr, at: now)
                OutputPump.keep(errors, in: &errorTail)
            }
            if output.isEmpty, errors.isEmpty { return }
        }
    }

    /// Adds the files that the agent left to its output, so that the stored output tells all of it again.
    mutating func append(_ reports: [AgentReport], home: String?) async {
        for report in reports {
            guard let decoder, let path = report.path(home: home, session: decoder.sessionID),
                let bytes = StepFiles.read(path, limit: AgentReport.maximumBytes), let line = report.line(from: bytes)
            else { continue }
            // What the agent printed last may have no newline.
            let output = [UInt8(ascii: "\n")] + line
            let now = Date()
            await outputLog.append(output, at: now)
            take(output, from: .stdout, at: now)
        }
    }

    /// Writes what is left; call once, after the last `drain`.
    mutating func finish() async {
        await outputLog.flush()
        await errorLog.flush()
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
