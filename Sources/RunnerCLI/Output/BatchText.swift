import Foundation
import RunnerCore

/// A batch in words.
enum BatchText {
    /// "batch 3 failed: 8 of 10 completed, 1 failed, 1 skipped".
    static func sentence(_ batch: BatchRecord) -> String {
        let state =
            switch batch.status {
            case .pending: "has not begun"
            case .processing: "is at work"
            case .completed: "completed"
            case .failed: "failed"
            case .cancelled: "was cancelled"
            }
        let text = "batch \(batch.number) \(state): \(counts(batch))"
        return batch.status == .failed || batch.status == .cancelled
            ? text + "; go on: runner batch resume \(batch.number)" : text
    }

    static func counts(_ batch: BatchRecord) -> String {
        let others = [
            ("at work", batch.processing), ("pending", batch.pending), ("failed", batch.failed),
            ("cancelled", batch.cancelled), ("skipped", batch.skipped),
        ]
        return "\(batch.completed) of \(batch.total) completed"
            + others.filter { $0.1 > 0 }.map { ", \($0.1) \($0.0)" }.joined()
    }

    static func describe(_ view: BatchView) -> String {
        let batch = view.batch
        var lines = [
            ("batch", "\(batch.number)  \(Terminal.plain(batch.title))"), ("state", batch.status.rawValue),
            ("progress", counts(batch)), ("repository", batch.repositoryName), ("workflow", batch.workflowName),
            ("width", batch.width == 1 ? "1, in sequence" : String(batch.width)),
        ]
        if batch.stopOnFailure { lines.append(("on failure", "stops")) }
        if let start = batch.startedAt {
            let end = batch.finishedAt ?? Date()
            lines.append(("time", Moments.span(max(0, end.timeIntervalSince(start)))))
        }
        if let error = batch.error { lines.append(("error", Terminal.plain(error))) }
        let rows = view.items.map { item in
            [
                String(item.item), item.status.rawValue, item.task.map(String.init) ?? "", time(item),
                String(Terminal.plain(item.title).prefix(60)), String(Terminal.plain(item.error ?? "").prefix(80)),
            ]
        }
        return lines.map { $0.0.padding(toLength: 12, withPad: " ", startingAt: 0) + $0.1 + "\n" }.joined() + "\n"
            + Table(headings: ["ITEM", "STATE", "TASK", "TIME", "TITLE", "ERROR"], rows: rows).render()
    }

    private static func time(_ item: BatchItemRecord) -> String {
        guard let start = item.startedAt, let end = item.finishedAt else { return "" }
        return Moments.duration(milliseconds: max(0, Int(end.timeIntervalSince(start) * 1000)))
    }
}
