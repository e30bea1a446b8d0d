import Engine
import RunnerCore

/// Hands a person's answer on and says what follows.
enum GateOutput {
    static func decide(_ task: String, _ answer: GateAnswer, _ output: OutputOptions) async throws {
        let done = try await Session.with { workspace in try await workspace.decide(task, answer) }
        if output.json { return try JSONOutput.print(done) }
        guard !output.quiet else { return }
        var text = "task \(done.task): \(done.step) \(done.decision.rawValue)"
        if let rework = done.rework { text += ", back to \(rework)" }
        Terminal.message("\(text); follow it: runner log --follow \(done.task)")
    }
}
