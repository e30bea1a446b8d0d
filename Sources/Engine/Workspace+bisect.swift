import Foundation
import Git
import RunnerCore
import Store

extension Workspace {
    /// Finds the first step of a task's newest run after which `command` fails (exit status 1 to 124), by halving.
    ///
    /// The command is run by `sh` at the base and at the ends of steps, each in a worktree of its own; status 125 means
    /// that it cannot tell. Throws `wrongState` when it fails at the base already, and when it cannot be run. A wish to
    /// stop ends the command and throws `CancellationError`.
    package func bisect(
        _ text: String, command: String, shows: Bool, progress: ProgressHandler, cancellation: Cancellation
    ) async throws -> Bisection {
        let task = try await store.task(matching: text)
        let points = try await points(of: task)
        guard let environment = try await store.environment(of: task.id), points.count > 1 else {
            throw EngineError(.wrongState, "task \(task.number) has no step that ended", hint: nil)
        }
        try checkIsHere(environment, of: task)
        let bisector = Bisector(
            hub: Hub(path: home.hub(environment.repositoryID.description)),
            folder: "\(home.root)/bisect", command: command, environment: settings.environment, lane: lane, shows: shows
        )
        try await bisector.purge()
        var trials: [Bisection.Trial] = []
        func verdict(_ point: Point) async throws -> Bisection.Trial.Verdict {
            progress(.preparing("trying \(point.label)"))
            let status = try await cancellation.guarded { try await bisector.status(at: point.commit) }
            guard status < 126 else {
                throw EngineError(
                    .wrongState, "the command ended with status \(status) at \(point.label), which says nothing",
                    hint: "a test ends with 0 for good, 1 to 124 for bad, 125 for cannot tell")
            }
            let verdict: Bisection.Trial.Verdict = status == 0 ? .good : status == 125 ? .skipped : .bad
            trials.append(
                Bisection.Trial(
                    step: point.step, attempt: point.attempt, commit: point.commit.hex, verdict: verdict,
                    exitCode: status))
            progress(.note("\(point.label): \(verdict.rawValue)"))
            return verdict
        }
        guard try await verdict(points[0]) == .good else {
            throw EngineError(
                .wrongState, "the command does not succeed at the base of task \(task.number), before its first step",
                hint: "no step broke it; try the command in a checkout of \(points[0].commit.short)")
        }
        guard try await verdict(points[points.count - 1]) == .bad else {
            return Bisection(task: task.number, trials: trials, firstBad: nil, suspects: [])
        }
        var firstBad = trials[trials.count - 1]
        var (good, bad) = (0, points.count - 1)
        var untold: Set<Int> = []
        while true {
            let open = (good + 1..<max(bad, good + 1)).filter { !untold.contains($0) }
            guard !open.isEmpty else { break }
            let middle = open[open.count / 2]
            switch try await verdict(points[middle]) {
            case .good: good = middle
            case .bad: (bad, firstBad) = (middle, trials[trials.count - 1])
            case .skipped: untold.insert(middle)
            }
        }
        let suspects = (good + 1..<max(bad, good + 1)).compactMap { points[$0].step }
        return Bisection(task: task.number, trials: trials, firstBad: firstBad, suspects: suspects)
    }

    private struct Point: Sendable {
        let step: String?
        let attempt: Int?
        let commit: ObjectID

        var label: String { step.map { "the end of \($0)" } ?? "the base" }
    }

    /// The base and the ends of steps in the order of time; an end that changed nothing is left out.
    private func points(of task: TaskRecord) async throws -> [Point] {
        guard let run = try await store.latestRun(of: task.id),
            let environment = try await store.environment(of: task.id),
            let base = ObjectID(environment.baseCommit)
        else { return [] }
        let keys = Dictionary(uniqueKeysWithValues: try await store.steps(of: run.id).map { ($0.id, $0.key) })
        var points = [Point(step: nil, attempt: nil, commit: base)]
        for attempt in try await store.attempts(of: run.id).sorted(by: { $0.startedAt < $1.startedAt }) {
            guard let commit = attempt.commitAfter.flatMap({ ObjectID($0) }), commit != points[points.count - 1].commit,
                attempt.status != .interrupted
            else { continue }
            points.append(Point(step: keys[attempt.stepID], attempt: attempt.number, commit: commit))
        }
        return points
    }
}
