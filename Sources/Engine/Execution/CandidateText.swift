/// Candidates of a fork in words, for the prompt of an agent that judges.
enum CandidateText {
    static func describe(_ candidates: [CandidateView]) -> String {
        candidates.map { candidate in
            var lines = ["## Candidate \(candidate.number) (task \(candidate.task), \(candidate.status))"]
            if let path = candidate.path { lines.append("Its worktree: \(path)") }
            if let branch = candidate.branch { lines.append("Its branch: \(branch)") }
            for (name, value) in candidate.outputs.sorted(by: { $0.key < $1.key }) {
                lines.append("\(name): \(value.prefix(2_000))")
            }
            if let error = candidate.error { lines.append("It failed: \(error)") }
            if let result = candidate.result { lines.append("\n" + result.prefix(4_000)) }
            return lines.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    /// The number that an agent names as the winner at the end of its answer: a line such as `Winner: 2`.
    static func winner(in text: String) -> Int? {
        for line in text.split(whereSeparator: \.isNewline).reversed() {
            let words = line.lowercased().split { !$0.isLetter && !$0.isNumber }
            guard let place = words.lastIndex(of: "winner") else { continue }
            if let number = words[(place + 1)...].lazy.compactMap({ Int($0) }).first { return number }
        }
        return nil
    }
}
