import Engine
import Foundation
import RunnerCore

/// What a daemon says: one line each, with the time, on standard error.
struct ServeLog: Sendable {
    let isQuiet: Bool
    let isJSON: Bool
    private let numbers = TaskNumbers()

    init(isQuiet: Bool, isJSON: Bool) {
        self.isQuiet = isQuiet
        self.isJSON = isJSON
    }

    func write(_ event: ServeEvent) {
        if isJSON, case .serving(let session) = event { try? JSONOutput.print(session) }
        guard !isQuiet, let text = text(event) else { return }
        let time = Date().formatted(.iso8601.time(includingFractionalSeconds: false))
        Terminal.message("\(time) \(Terminal.plainLines(text).replacing("\n", with: " "))")
    }

    private func text(_ event: ServeEvent) -> String? {
        switch event {
        case .serving(let session): "serving with \(session.slots ?? 1) slots, process \(session.processID)"
        case .repaired(let sentence): sentence
        case .draining(let runs): "taking nothing more; \(runs) runs are going on"
        case .stopping(let runs): "stopping; \(runs) runs are left to the next worker"
        case .idle: "nothing to do; stopping"
        case .outgrown: "a newer runner has brought the database up to date; stopping"
        case .superfluous: "another daemon serves already; stopping"
        case .run(let id, let event): run(event).map { "\(numbers.name(of: id, event)): \($0)" }
        }
    }

    private func run(_ event: ProgressEvent) -> String? {
        switch event {
        case .environmentReady(let environment, let milliseconds):
            "worktree \(environment.worktreePath) (\(milliseconds) ms)"
        case .stepStarted(let step, let attempt): "\(step.key) started (attempt \(attempt))"
        case .stepAdopted(let step, let attempt): "\(step.key) goes on (attempt \(attempt))"
        case .stepFinished(let step, let attempt):
            "\(step.key) \(attempt.status.rawValue)\(attempt.error.map { ": \($0)" } ?? "")"
        case .stepSkipped(let step): "\(step.key) skipped"
        case .waiting(let until, let reason): "waits until \(Moments.iso(until))\(reason.map { ": \($0)" } ?? "")"
        case .gate(let step, _, _): "\(step.key) waits for a decision"
        case .question(let step, _, let text): "\(step.key) asks for permission: \(text)"
        case .note(let text): text
        case .runFinished(let status, let error): "\(status.rawValue)\(error.map { ": \($0)" } ?? "")"
        case .preparing, .fetching, .taskCreated, .stepActivity, .stepSaving: nil
        }
    }
}
