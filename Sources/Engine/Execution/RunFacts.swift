import Foundation
import RunnerCore

/// What the ended steps of a run left for later ones to see, by key.
enum RunFacts {
    /// From the newest attempt of each, and from what was decided at gates.
    static func recorded(
        _ steps: [StepRecord], _ attempts: [AttemptRecord], _ approvals: [ApprovalRecord], _ fork: ForkOrigin?
    ) -> [String: StepFacts] {
        let attempts = Dictionary(grouping: attempts, by: \.stepID)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var facts: [String: StepFacts] = fork?.facts ?? [:]
        for step in steps where step.status.isTerminal {
            // What it did before it was taken back is no longer so.
            let newest = attempts[step.id]?.filter { $0.number > step.earlierAttempts }.max { $0.number < $1.number }
            let recorded = newest.flatMap {
                try? decoder.decode(StepFacts.self, from: JSONEncoder().encode($0.output))
            }
            let gate = approvals.last { $0.stepID == step.id }.map { StepFacts(gate: $0, nil) }
            var known = recorded ?? gate ?? facts[step.key] ?? StepFacts(status: step.status)
            known.status = step.status
            if gate != nil { known.outcome = step.status }
            facts[step.key] = known
        }
        return facts
    }
}
