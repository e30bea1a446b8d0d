import Agents
import Foundation
package import RunnerCore
package import Store

/// Which output `runner log` prints.
package struct AttemptLogOptions: Sendable {
    package var step: String?
    package var follows: Bool
    package var raw: Bool
    /// Only the attempt of this number of each step.
    package var attempt: Int?
    /// Only this stream; nil for both.
    package var stream: LogStream?

    package init(
        step: String? = nil, follows: Bool = false, raw: Bool = false, attempt: Int? = nil, stream: LogStream? = nil
    ) {
        self.step = step
        self.follows = follows
        self.raw = raw
        self.attempt = attempt
        self.stream = stream
    }
}

/// A piece of a task's output, in order.
package enum LogPiece: Sendable {
    case heading(StepRecord, AttemptRecord)
    case bytes(StepRecord, AttemptRecord, LogStream, [UInt8])
    /// So many bytes are not kept here: the middle of a long output, or all of it after the retention.
    case gap(StepRecord, AttemptRecord, LogStream, Int)
}

extension Workspace {
    /// Hands the output of a task's newest run to `emit`, attempt after attempt.
    ///
    /// With `follows` it goes on until the run ends. What an agent printed is turned into text unless `raw`.
    package func log(
        of task: TaskRecord, _ options: AttemptLogOptions, emit: @Sendable (LogPiece) throws -> Void
    ) async throws {
        guard let run = try await store.latestRun(of: task.id, having: options.step) else { return }
        var steps = try await store.steps(of: run.id)
        if let wanted = options.step, !steps.contains(where: { $0.key == wanted }) {
            throw EngineError(
                .wrongState, "task \(task.number) has no step \"\(wanted)\"",
                hint: "its steps: \(steps.map(\.key).joined(separator: ", "))")
        }
        var readers: [AttemptID: AttemptLog] = [:]
        while true {
            // The state is read first, so that what came before the end is still printed after it.
            let isOver = try await store.run(run.id).status.isTerminal
            // A group's steps come with its turns.
            steps = try await store.steps(of: run.id)
            for attempt in try await store.attempts(of: run.id) {
                guard let step = steps.first(where: { $0.id == attempt.stepID }),
                    options.step == nil || step.key == options.step,
                    options.attempt == nil || attempt.number == options.attempt
                else { continue }
                if readers[attempt.id] == nil {
                    try emit(.heading(step, attempt))
                    readers[attempt.id] = AttemptLog(
                        attempt: attempt, raw: options.raw, stream: options.stream)
                }
                try await readers[attempt.id]?.forward(attempt, from: store) { stream, piece in
                    switch piece {
                    case .bytes(let bytes): try emit(.bytes(step, attempt, stream, bytes))
                    case .gap(let count): try emit(.gap(step, attempt, stream, count))
                    }
                }
            }
            if isOver || !options.follows {
                if let wanted = options.attempt, readers.isEmpty {
                    throw noAttempt(wanted, of: task, options.step, steps, try await store.attempts(of: run.id))
                }
                return
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Says which attempts there are: those of the step, or of each step that has any.
    private func noAttempt(
        _ wanted: Int, of task: TaskRecord, _ key: String?, _ steps: [StepRecord], _ attempts: [AttemptRecord]
    ) -> EngineError {
        let known = steps.filter { key == nil || $0.key == key }.compactMap { step -> String? in
            let numbers = attempts.filter { $0.stepID == step.id }.map(\.number).sorted()
            guard let first = numbers.first, let last = numbers.last else { return nil }
            return "\(first == last ? "\(first)" : "\(first) to \(last)") of step \"\(step.key)\""
        }
        let place = key.map { " of step \"\($0)\"" } ?? ""
        return EngineError(
            .wrongState,
            "task \(task.number) has no attempt \(wanted)\(place)"
                + (known.isEmpty ? ", nor any other" : "; there is \(known.joined(separator: ", "))"),
            hint: "see runner steps \(task.number)")
    }
}
