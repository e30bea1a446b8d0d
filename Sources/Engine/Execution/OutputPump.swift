import Agents
import Foundation
import RunnerCore
import Store

/// Carries an attempt's output from the shim's files to the database, the agent's decoder and the live view.
///
/// It never holds the command up: the shim keeps what matters, and what the pump has not stored when the attempt is over
/// is stored then. Its memory does not grow with the output.
struct OutputPump: Sendable {
    private var standardOutput: StreamPump
    private var standardError: StreamPump
    private let completion: LogCompletion
    private(set) var decoder: (any AgentDecoder)?
    /// The end of the plain output, for the step's `result` and for error messages; known after `finish`.
    private(set) var tail: [UInt8] = []
    private(set) var errorTail: [UInt8] = []
    /// When the agent said that it is done.
    private(set) var resultSeenAt: Date?
    /// What the agent said last, in one line.
    private(set) var lastWords: String?
    /// The lines that the decoder was shown of the agent's files; empty when there were none.
    private(set) var reports: [UInt8] = []
    /// Why output is missing from the database; the attempt's end is recorded all the same.
    private(set) var logFailure: String?
    /// SHA-256, in hex, of all that was kept; known after a `finish` that stored everything.
    private(set) var digest: String?
    private let activity: @Sendable (String) -> Void
    /// Hears what the agent asks a person to allow.
    private let asks: @Sendable (String) -> Void
    /// Until what an earlier worker has stored is known.
    private var isResuming: Bool
    private let store: Store
    /// With which epoch of the database all was stored that is known to be.
    private var epoch: Int

    private static let tailLimit = 16 << 10

    /// `known` is what an earlier worker has stored of the attempt; its rows are kept.
    init(
        attempt: AttemptID, folder: String, decoder: (any AgentDecoder)?, store: Store,
        cap: Int = StepCommand.outputCap, known: [LogStream: Int] = [:],
        asks: @escaping @Sendable (String) -> Void = { _ in },
        activity: @escaping @Sendable (String) -> Void
    ) {
        let resumes = !known.isEmpty
        let pump = { (stream: LogStream) in
            StreamPump(
                folder: folder, stream: stream,
                sink: LogSink(
                    store: store, attempt: attempt, stream: stream, head: cap - cap / 2, tail: cap / 2,
                    resumes: resumes))
        }
        standardOutput = pump(.stdout)
        standardError = pump(.stderr)
        completion = LogCompletion(store: store, attempt: attempt, folder: folder)
        self.decoder = decoder
        self.activity = activity
        self.asks = asks
        self.store = store
        epoch = store.logEpoch
        isResuming = resumes
    }

    /// Bytes of an agent's stream that were gone before its decoder could see them.
    var undecoded: Int { decoder == nil ? 0 : standardOutput.reader.missed + standardError.reader.missed }

    /// Moves all there is now, and an unfinished line when nothing has come for a moment.
    mutating func drain() async throws {
        // What comes meanwhile is for the next turn, so that a flood lets go of its caller.
        let ends = (try standardOutput.reader.length(), try standardError.reader.length())
        let needsAll = decoder != nil
        if isResuming, let stored = try? await completion.stored() {
            standardOutput.resume(after: stored[.stdout] ?? [], needsAll: needsAll)
            standardError.resume(after: stored[.stderr] ?? [], needsAll: needsAll)
            isResuming = false
        }
        await mend(Date())
        var isFirst = true
        while true {
            let now = Date()
            let output = try await standardOutput.take(before: ends.0, needsAll: needsAll, now: now)
            let errors = try await standardError.take(before: ends.1, needsAll: needsAll, now: now)
            if !output.isEmpty { take(output, from: .stdout, at: now) }
            if !errors.isEmpty { take(errors, from: .stderr, at: now) }
            if output.isEmpty, errors.isEmpty {
                guard isFirst else { return }
                await standardOutput.settle(now)
                return await standardError.settle(now)
            }
            isFirst = false
        }
    }

    /// Stores what the database lost with its memory or did not take while it was away: who looks on must not believe
    /// that it is gone.
    private mutating func mend(_ now: Date) async {
        let current = store.logEpoch
        let isMendable = standardOutput.isMendable(now) || standardError.isMendable(now)
        guard isMendable || (current != epoch && hasWritten), !isResuming else { return }
        let wanted = [LogStream.stdout: standardOutput.reach, .stderr: standardError.reach]
        // A failure shows in the next piece as well, which then asks for another try.
        guard (try? await completion.fill(wanted)) != nil else { return }
        epoch = current
        standardOutput.mended()
        standardError.mended()
    }

    private var hasWritten: Bool { standardOutput.hasWritten || standardError.hasWritten }

    /// Shows the decoder the files that the agent left; call once, after the last `drain`.
    mutating func read(_ reports: [AgentReport], home: String?) {
        for report in reports {
            guard let decoder, let path = report.path(home: home, session: decoder.sessionID),
                let bytes = StepFiles.read(path, limit: AgentReport.maximumBytes), let line = report.line(from: bytes)
            else { continue }
            // What the agent printed last may have no newline.
            take([UInt8(ascii: "\n")] + line, from: .stdout, at: Date())
            self.reports += line
        }
    }

    /// Stores what is left; call once, after the last `drain`. Throws when the database is away.
    mutating func finish() async throws {
        tail = standardOutput.last(OutputPump.tailLimit)
        errorTail = standardError.last(OutputPump.tailLimit)
        do {
            digest = try await completion.run(mayBeStored: hasWritten)
        } catch  where DatabaseAbsence.explains(error) || error is CancellationError {
            throw error
        } catch {
            logFailure = "\(error)"
        }
        _ = decoder?.endOfOutput(at: Date())
    }

    private mutating func take(_ bytes: [UInt8], from channel: OutputChannel, at now: Date) {
        guard decoder != nil else {
            if let line = OutputPump.lastLine(bytes) { activity(line) }
            return
        }
        for event in decoder?.feed(bytes, from: channel, at: now) ?? [] {
            if case .result = event { resultSeenAt = now }
            if case .notice(let notice) = event, let question = notice.question { asks(question) }
            guard let line = AgentActivity.line(event) else { continue }
            lastWords = String(line.prefix(200))
            activity(line)
        }
    }

    private static func lastLine(_ bytes: [UInt8]) -> String? {
        bytes.suffix(512).split(separator: UInt8(ascii: "\n")).last.map { String(decoding: $0, as: UTF8.self) }
    }
}
