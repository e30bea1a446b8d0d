import Foundation
import Git
import RunnerCore
import Store

/// A run that is to be forked, and what a fork of it begins with.
struct ForkSource {
    let task: TaskRecord
    let run: RunRecord
    let definition: WorkflowDefinition
    let steps: [StepRecord]
    let attempts: [AttemptRecord]
    let environment: EnvironmentID?

    struct Point {
        let step: String
        let commit: ObjectID
        let origin: ForkOrigin
        let steps: [NewStep]
    }

    /// The state that `key` left, or the last step that left one; throws `wrongState` where there is none.
    ///
    /// Steps up to it that ended well keep their results. The set-up is always run: what it makes is not in a
    /// checkpoint.
    func point(_ key: String?) throws -> Point {
        if let key, !steps.contains(where: { $0.key == key }) {
            let near = Suggestion.closest(to: key, among: steps.map(\.key))
            throw EngineError(
                .wrongState, "task \(task.number) has no step \"\(key)\"",
                hint: near.map { "did you mean \"\($0)\"?" }
                    ?? "its steps: \(steps.map(\.key).joined(separator: ", "))")
        }
        let candidates = key.map { key in steps.filter { $0.key == key } } ?? steps.reversed()
        let found = candidates.lazy.compactMap { step in checkpoint(of: step).map { (step, $0) } }.first
        guard let (step, commit) = found else {
            let what = key.map { "the step \"\($0)\" of task \(task.number)" } ?? "task \(task.number)"
            throw EngineError(.wrongState, "\(what) has no checkpoint yet", hint: "wait until a step has ended")
        }
        let ordered = steps.sorted { $0.position < $1.position }
        let setup = definition.steps.first.flatMap { first in ordered.first { $0.key == first.id && $0.kind == "setup" }
        }
        let kept = ordered.filter { $0.id != setup?.id }
            .prefix { $0.position <= step.position && [.succeeded, .skipped].contains($0.status) }
            // A group that is forked inside is begun anew.
            .filter { !step.key.hasPrefix($0.key + "/") && !step.key.hasPrefix($0.key + "#") }
        let keys = Set(kept.map(\.key))
        return Point(
            step: step.key, commit: commit,
            origin: ForkOrigin(
                task: task.number, run: run.number, step: step.key, environment: environment,
                facts: facts(of: Array(kept))),
            steps: definition.newSteps(setupKey: setup?.key).map { new in
                var new = new
                if keys.contains(new.key) { new.status = ordered.first { $0.key == new.key }?.status ?? .pending }
                return new
            })
    }

    private func newest(_ step: StepRecord) -> AttemptRecord? {
        attempts.filter { $0.stepID == step.id && $0.status != .running }.max { $0.number < $1.number }
    }

    private func checkpoint(of step: StepRecord) -> ObjectID? {
        newest(step)?.commitAfter.flatMap { ObjectID($0) }
    }

    private func facts(of kept: [StepRecord]) -> [String: StepFacts] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let own = (try? RunContext(run.context))?.fork?.facts ?? [:]
        return Dictionary(
            kept.compactMap { step in
                let recorded = newest(step).flatMap { attempt in
                    try? decoder.decode(StepFacts.self, from: JSONEncoder().encode(attempt.output))
                }
                return (recorded ?? own[step.key]).map { (step.key, $0) }
            }, uniquingKeysWith: { $1 })
    }
}
