import RunnerCore
import Store

/// A candidate of a fork, as its judge sees it; the JSON of `RUNNER_CANDIDATES` is a list of these.
struct CandidateView: Sendable, Encodable {
    /// From 1; what a judge names as the winner.
    let number: Int
    let task: Int
    let status: String
    /// Its worktree; nil when that is not there.
    let path: String?
    let branch: String?
    let commit: String?
    let cost: Double?
    /// What its steps put out; the later wins.
    let outputs: [String: String]
    /// The last words of its last step that said something.
    let result: String?
    let error: String?
}
