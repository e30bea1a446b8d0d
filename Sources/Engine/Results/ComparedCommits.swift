import Git
import RunnerCore

/// Two commits of a repository between which a task or a step did its work.
struct ComparedCommits: Sendable {
    let repository: Repository
    let from: ObjectID
    let to: ObjectID
}
