/// Which candidate of a fork goes on.
enum WinnerChoice: Sendable {
    case candidate(CandidateView, reason: String)
    /// Why no candidate goes on.
    case none(String)

    /// The highest of the outputs `score`; of equals the one that cost less, then the first.
    static func byScore(_ candidates: [CandidateView]) -> WinnerChoice {
        let scored = candidates.compactMap { candidate -> (candidate: CandidateView, score: Double)? in
            let text = candidate.outputs["score"]?.filter { !$0.isWhitespace } ?? ""
            guard let score = Double(text), score.isFinite else { return nil }
            return (candidate, score)
        }
        let best = scored.max { a, b in
            (a.score, -(a.candidate.cost ?? 0), -a.candidate.number) < (
                b.score, -(b.candidate.cost ?? 0), -b.candidate.number
            )
        }
        guard let best else {
            return .none(
                "no candidate has an output \"score\" that is a number: a step of theirs sets it by "
                    + "echo score=7 >> \"$RUNNER_OUTPUT\"")
        }
        return .candidate(best.candidate, reason: "its score \(best.score) is the highest")
    }
}
