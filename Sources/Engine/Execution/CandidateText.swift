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

    /// Why each of them has failed, in one line; those with the same reason are told together.
    static func failures(of candidates: [CandidateView]) -> String {
        var groups: [(reason: String, members: [CandidateView])] = []
        for candidate in candidates {
            let line = candidate.error.flatMap { $0.split(whereSeparator: \.isNewline).first } ?? ""
            let reason = line.isEmpty ? candidate.status : line.count > 200 ? "\(line.prefix(200))…" : String(line)
            if let known = groups.firstIndex(where: { $0.reason == reason }) {
                groups[known].members.append(candidate)
            } else {
                groups.append((reason, [candidate]))
            }
        }
        return groups.map { reason, members in
            let numbers = members.map { "\($0.number)" }.joined(separator: ", ")
            let tasks = members.map { "\($0.task)" }.joined(separator: ", ")
            return members.count == 1
                ? "candidate \(numbers) (task \(tasks)): \(reason)"
                : "candidates \(numbers) (tasks \(tasks)): \(reason)"
        }.joined(separator: "; ")
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
