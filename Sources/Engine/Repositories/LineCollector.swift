import Synchronization

/// Splits git's standard error into progress lines, which are passed on, and messages, which are kept.
final class LineCollector: Sendable {
    private struct State {
        var line: [UInt8] = []
        var messages: [String] = []
    }

    private let state = Mutex(State())
    private let progress: (@Sendable (String) -> Void)?

    init(progress: (@Sendable (String) -> Void)?) {
        self.progress = progress
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                endLine()
            } else {
                state.withLock { if $0.line.count < 4096 { $0.line.append(byte) } }
            }
        }
    }

    /// The kept messages, one line each.
    func finish() -> String {
        endLine()
        return state.withLock { $0.messages.joined(separator: "\n") }
    }

    private func endLine() {
        let text = state.withLock { state -> String in
            defer { state.line.removeAll() }
            return String(decoding: state.line, as: UTF8.self)
        }
        guard !text.isEmpty else { return }
        // "Receiving objects:  45% (1/2)" and its kin.
        if text.contains("% (") {
            progress?(text)
        } else {
            state.withLock {
                // The cause of a failure comes last.
                if $0.messages.count == 200 { $0.messages.removeFirst() }
                $0.messages.append(text)
            }
        }
    }
}
