import RunnerCore

/// The steps of a run as a table, one line per attempt.
enum StepsTable {
    static func render(_ steps: [StepView]) -> String {
        var rows: [[String]] = []
        for step in steps {
            if step.attempts.isEmpty {
                rows.append([step.key, step.kind, step.status.rawValue] + Array(repeating: "", count: 7))
            }
            for attempt in step.attempts {
                rows.append(row(step, attempt))
            }
        }
        let headings = ["STEP", "KIND", "STATE", "TRY", "TIME", "EXIT", "FILES", "TOKENS", "COST", "COMMIT"]
        return Table(headings: headings, rows: rows).render()
    }

    private static func row(_ step: StepView, _ attempt: AttemptRecord) -> [String] {
        let exit = attempt.exitCode.map(String.init) ?? attempt.signal.map { "sig \($0)" } ?? ""
        let files = attempt.filesChanged.map {
            $0 == 0 ? "0" : "\($0) +\(attempt.insertions ?? 0) -\(attempt.deletions ?? 0)"
        }
        let tokens = attempt.usage.map { "\($0.input + $0.cacheRead + $0.cacheWrite) in, \($0.output) out" }
        return [
            step.key, attempt.agent ?? step.kind, attempt.status.rawValue, String(attempt.number),
            attempt.durationMilliseconds.map { Moments.duration(milliseconds: $0) } ?? "", exit, files ?? "",
            tokens ?? "", attempt.costUSD.map { "$" + formatted($0) } ?? "",
            attempt.commitAfter.map { String($0.prefix(10)) } ?? "",
        ]
    }

    private static func formatted(_ cost: Double) -> String {
        let scaled = Int((cost * 10_000).rounded())
        let fraction = String(scaled % 10_000)
        return "\(scaled / 10_000).\(String(repeating: "0", count: 4 - fraction.count))\(fraction)"
    }
}
