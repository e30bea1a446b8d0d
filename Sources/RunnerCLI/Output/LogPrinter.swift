import Engine
import RunnerCore
import Store
import Synchronization

/// Prints pieces of output for who reads them: untouched bytes for a pipe, safe text for a screen, lines of JSON.
final class LogPrinter: Sendable {
    private struct State {
        var carry = UTF8Carry()
        var screen = ScreenText()
        /// What the carried bytes are of.
        var step = ""
        var attempt = 0
    }

    private let state = Mutex(State())
    private let isJSON: Bool
    private let showsHeadings: Bool
    private let isText: Bool
    private let isQuiet: Bool
    private let splits: Bool

    /// With `splits` what a program wrote to standard error goes there too.
    init(options: OutputOptions, raw: Bool, splits: Bool = false) {
        self.splits = splits && !options.json
        isQuiet = options.quiet
        isJSON = options.json
        showsHeadings = !options.json && !options.quiet && !raw
        isText = options.json || (Terminal.isOutputTerminal && !raw)
    }

    func show(_ piece: LogPiece) throws {
        switch piece {
        case .heading(let step, let attempt):
            try finish()
            if showsHeadings { Terminal.message("== \(step.key), attempt \(attempt.number) ==") }
        case .gap(let step, let attempt, let stream, let count):
            try finish()
            try gap(step, attempt, stream, count)
        case .bytes(let step, let attempt, let stream, let bytes):
            if splits, stream == .stderr { return Terminal.writeError(bytes) }
            guard isText else { return Terminal.write(bytes) }
            let (key, number) = (step.key, attempt.number)
            try state.withLock { state in
                if state.step != key || state.attempt != number {
                    let rest = state.carry.rest()
                    try emit(rest, &state)
                    state.screen = ScreenText()
                    state.step = key
                    state.attempt = number
                }
                let whole = state.carry.complete(bytes)
                try emit(whole, &state)
            }
        }
    }

    /// Prints what was held back; call it when nothing more comes.
    func finish() throws {
        try state.withLock { state in
            let rest = state.carry.rest()
            try emit(rest, &state)
        }
    }

    private func gap(_ step: StepRecord, _ attempt: AttemptRecord, _ stream: LogStream, _ count: Int) throws {
        if isJSON {
            return try JSONOutput.printLine(
                LogGap(step: step.key, attempt: attempt.number, stream: stream.rawValue, missingBytes: count))
        }
        if isQuiet { return }
        if let removed = attempt.logRemovedAt {
            return Terminal.message("-- \(count) bytes were removed \(Moments.relative(removed)), as old output is --")
        }
        Terminal.message("-- \(count) bytes of \(stream.rawValue) are not here --")
    }

    private func emit(_ bytes: [UInt8], _ state: inout State) throws {
        guard !bytes.isEmpty else { return }
        guard isJSON else { return Terminal.write(state.screen.shown(bytes)) }
        try JSONOutput.printLine(
            LogLine(step: state.step, attempt: state.attempt, text: String(decoding: bytes, as: UTF8.self)))
    }
}
