/// Which of a step's agents is to make the next attempt.
package enum AgentTurn: Sendable, Hashable {
    /// 0 is the step's own agent, then the entries of its `fallback`; `reason` is why not the step's own.
    case use(Int, reason: String?)
    /// All of those that may work wait for the end of a limit; this one's is over first.
    case wait(Duration, reason: String?)

    /// One agent, in its order: what keeps it from working, if anything does.
    package struct Candidate: Sendable, Hashable {
        package var trouble: AgentTrouble?
        /// Until a limit is over; nil where that is not known.
        package var delay: Duration?
        /// For people.
        package var reason: String?

        package init(trouble: AgentTrouble? = nil, delay: Duration? = nil, reason: String? = nil) {
            self.trouble = trouble
            self.delay = delay
            self.reason = reason
        }
    }

    /// The first agent that can work, and whose rule names what keeps one before it from that.
    ///
    /// `candidates` begins with the step's own agent; `fallback` has the rules of all others. Nil: no limit is known to
    /// end, so that the step's own agent is as good as any.
    package static func next(_ candidates: [Candidate], _ fallback: [AgentFallback]) -> AgentTurn? {
        var troubles: Set<AgentTrouble> = []
        var reason: String?
        var earliest: Candidate?
        for (index, candidate) in candidates.enumerated() {
            if index > 0, fallback[index - 1].on.allSatisfy({ !troubles.contains($0) }) { continue }
            guard let trouble = candidate.trouble else { return .use(index, reason: reason) }
            troubles.insert(trouble)
            reason = reason ?? candidate.reason
            if let delay = candidate.delay, delay < earliest?.delay ?? .seconds(Int64.max / 2) { earliest = candidate }
        }
        return earliest.flatMap { entry in entry.delay.map { .wait($0, reason: entry.reason) } }
    }
}
