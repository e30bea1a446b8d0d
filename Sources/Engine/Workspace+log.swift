import Agents
import Foundation
package import RunnerCore
import Store

/// Which output `runner log` prints.
package struct AttemptLogOptions: Sendable {
    package var step: String?
    package var follows: Bool
    package var raw: Bool

    package init(step: String? = nil, follows: Bool = false, raw: Bool = false) {
        self.step = step
        self.follows = follows
        self.raw = raw
    }
}

/// A piece of a task's output, in order.
package enum LogPiece: Sendable {
    case heading(StepRecord, AttemptRecord)
    case bytes(StepRecord, AttemptRecord, [UInt8])
}

extension Workspace {
    /// Hands the output of a task's newest run to `emit`, attempt after attempt.
    ///
    /// With `follows` it goes on until the run ends. What an agent printed is turned into text unless `raw`.
    package func log(
        of task: TaskRecord, _ options: AttemptLogOptions, emit: @Sendable (LogPiece) throws -> Void
    ) async throws {
        guard let run = try await store.latestRun(of: task.id) else { return }
        let steps = try await store.steps(of: run.id)
        if let wanted = options.step, !steps.contains(where: { $0.key == wanted }) {
            throw EngineError(
                .wrongState, "task \(task.number) has no step \"\(wanted)\"",
                hint: "its steps: \(steps.map(\.key).joined(separator: ", "))")
        }
        var readers: [AttemptID: AttemptLog] = [:]
        while true {
            // The state is read first, so that what came before the end is still printed after it.
            let isOver = try await store.run(run.id).status.isTerminal
            for attempt in try await store.attempts(of: run.id) {
                guard let step = steps.first(where: { $0.id == attempt.stepID }),
                    options.step == nil || step.key == options.step
                else { continue }
                if readers[attempt.id] == nil {
                    try emit(.heading(step, attempt))
                    readers[attempt.id] = AttemptLog(attempt: attempt, raw: options.raw)
                }
                try await readers[attempt.id]?.forward(from: store, isOver: attempt.status != .running) {
                    try emit(.bytes(step, attempt, $0))
                }
            }
            if isOver || !options.follows { return }
            try await Task.sleep(for: .milliseconds(300))
        }
    }
}
