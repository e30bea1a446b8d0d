import BlockingIO
import Foundation
import Git
import RunnerCore
import Store

extension StepRunner {
    /// The outcome of an attempt, its artifacts read, and failed where it does not keep what its step promised.
    ///
    /// What only a commit can tell is checked by `AttemptCommit`.
    func judged(
        _ job: StepJob, _ command: StepCommand, _ pump: OutputPump, _ exit: AttemptExit, _ lingering: Lingering
    ) async throws -> StepOutcome {
        var outcome = try judge(job, command, pump, exit, lingering)
        if job.replay != nil { outcome.forgetCosts() }
        guard outcome.attempt.status != .interrupted else { return outcome }
        let contract = job.step.contract
        let worktree = job.environment.worktreePath
        let folder = ArtifactFolder(
            folder: StepFiles(folder: home.attempt(job.attempt.id.description)).artifacts, worktree: worktree)
        let keeper = ArtifactKeeper(
            job: job, hub: Hub(path: home.hub(job.repository.id.description)), signature: author.signature(at: Date()))
        let (kept, contents, missing) = try await lane.run {
            let contents = folder.read(declared: contract.artifacts)
            let missing = contract.produces.files.filter { pattern in
                var glob = WorktreeGlob(pattern)
                return !glob.matches(in: worktree)
            }
            return (try keeper.keep(contents.files), contents, missing)
        }
        outcome.artifacts = kept
        outcome.add(contents.remarks)
        guard outcome.attempt.status == .succeeded else { return outcome }
        let names = Set(kept.map(\.name))
        let reason =
            contract.problem(with: outcome.facts.outputs, parse: Self.json) ?? contents.problems.first
            ?? missing.first.map { "produces.files: no file matches \"\($0)\"" }
            ?? contract.produces.artifacts.first { !names.contains($0) }
            .map { "produces.artifacts: there is no artifact \"\($0)\"" }
        if let reason { outcome.fail(because: reason) }
        return outcome
    }

    private static func json(_ text: String) -> JSONValue? {
        try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }
}

extension StepOutcome {
    /// Tells what a person should know of the attempt beside how it ended.
    fileprivate mutating func add(_ remarks: [String]) {
        guard !remarks.isEmpty else { return }
        attempt.error = ([attempt.error].compactMap { $0 } + remarks).joined(separator: "; ")
        facts.error = attempt.error
    }

    /// Makes a success a failure; another try may do better.
    mutating func fail(because reason: String) {
        attempt.status = .failed
        attempt.error = attempt.error.map { "\(reason); \($0)" } ?? reason
        facts.error = attempt.error
        result = StepResult(stepKey: result.stepKey, status: .failed, error: reason)
    }
}

extension Production {
    /// What a success lacks of the changes that it had to make; nil when nothing.
    func unmet(filesChanged: Int?, hasMoved: Bool) -> String? {
        if changes, filesChanged == 0 { return "produces.changes: it changed no file" }
        if commits, !hasMoved { return "produces.commits: its branch has no new commit" }
        return nil
    }
}
