import Engine
import RunnerCore
import Store

/// Shows a batch as it is worked through, a line for each item that begins or ends, on standard error.
struct BatchLiveView: Sendable {
    private let isSilent: Bool
    private let batch: BatchRecord

    init(options: OutputOptions, batch: BatchRecord) {
        isSilent = options.quiet
        self.batch = batch
    }

    func begin() {
        guard !isSilent else { return }
        let width = batch.width == 1 ? "one after the other" : "\(batch.width) at once"
        let count = batch.total == 1 ? "1 task" : "\(batch.total) tasks"
        Terminal.message("batch \(batch.number)  \(Terminal.plain(batch.title)): \(count), \(width)")
    }

    var handler: BatchHandler {
        guard !isSilent else { return { _ in } }
        let total = batch.total
        return { event in
            switch event {
            case .began(let run):
                Terminal.message("  …  item \(run.item)/\(total)  task \(run.task)  \(BatchLiveView.title(run.title))")
            case .waits(let run, .waiting(let until, let reason)):
                let why = reason.map { ": \(Terminal.plainLines($0))" } ?? ""
                Terminal.message("     item \(run.item)/\(total) waits until \(Moments.iso(until))\(why)")
            case .waits(let run, let event):
                if let text = LiveView.question(event) { Terminal.message("  ?  item \(run.item)/\(total)  \(text)") }
            case .ended(let run, let status, let error):
                let mark = status == .completed ? "✓" : status == .failed ? "✗" : "-"
                let reason = status == .completed ? "" : "  \(status.rawValue)\(error.map { ": \($0)" } ?? "")"
                Terminal.message("  \(mark)  item \(run.item)/\(total)  task \(run.task)\(Terminal.plainLines(reason))")
            case .note(let text): Terminal.message("     \(Terminal.plainLines(text))")
            }
        }
    }

    private static func title(_ text: String) -> String { String(Terminal.plain(text).prefix(60)) }
}
