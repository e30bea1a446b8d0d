extension RunState {
    /// What a retry does to the steps of an ended run.
    package struct Restart: Sendable, Hashable {
        /// The run with the reset steps pending; attempts go on counting.
        package let state: RunState
        /// In execution order; the first is where the run goes on.
        package let reset: [String]
        /// Steps that keep their result, in execution order.
        package let kept: [String]
    }

    /// Resets `key` and every later step to pending; without `key`, from the first step that has no good end.
    package func restarting(from key: String? = nil) throws(RestartError) -> Restart {
        let firstBad = steps.firstIndex { $0.status != .succeeded && $0.status != .skipped }
        var start = steps.startIndex
        if let key {
            guard let index = steps.firstIndex(where: { $0.key == key }) else {
                throw .unknownStep(key, suggestion: Suggestion.closest(to: key, among: steps.map(\.key)))
            }
            if let firstBad, firstBad < index { throw .earlierStepHasNotSucceeded(steps[firstBad].key, before: key) }
            start = index
        } else {
            guard let firstBad else { throw .nothingFailed }
            start = firstBad
        }
        var state = self
        state.isCancelled = false
        for index in start..<steps.endIndex {
            let attempts = steps[index].attempts
            state.steps[index] = StepState(key: steps[index].key, attempts: attempts, uncounted: attempts)
        }
        return Restart(state: state, reset: steps[start...].map(\.key), kept: steps[..<start].map(\.key))
    }
}
