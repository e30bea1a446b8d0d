/// Why a run cannot be retried from where it was asked to.
package enum RestartError: Error, Hashable, CustomStringConvertible {
    case unknownStep(String, suggestion: String?)
    case earlierStepHasNotSucceeded(String, before: String)
    case insideGroup(String, group: String)
    case nothingFailed

    package var description: String {
        switch self {
        case .unknownStep(let key, let suggestion):
            "the run has no step \"\(key)\"" + (suggestion.map { ", did you mean \"\($0)\"?" } ?? "")
        case .earlierStepHasNotSucceeded(let earlier, let key):
            "step \"\(earlier)\" has not succeeded and comes before \"\(key)\"; retry from \"\(earlier)\""
        case .insideGroup(let key, let group):
            "step \"\(key)\" is inside the group \"\(group)\"; retry from \"\(group)\""
        case .nothingFailed:
            "no step of the run failed; name the step to start from with --from"
        }
    }
}
