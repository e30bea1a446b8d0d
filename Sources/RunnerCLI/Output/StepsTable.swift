import RunnerCore

/// The steps of a run as a table, one line per attempt.
enum StepsTable {
    static func render(_ steps: [StepView]) -> String {
        var rows: [[String]] = []
        for step in steps {
            if step.attempts.isEmpty {
                let state = step.refusal?.rawValue ?? step.status.rawValue
                rows.append([step.key, step.kind, state] + Array(repeating: "", count: 7))
            }
            for attempt in step.attempts {
                rows.append(row(step, attempt))
            }
        }
        let headings = ["STEP", "KIND", "STATE", "TRY", "TIME", "EXIT", "FILES", "TOKENS", "COST", "COMMIT"]
        let notes = steps.flatMap { step in step.attempts.compactMap { note(step, $0) } }
        return Table(headings: headings, rows: rows).render() + notes.joined()
    }

    /// What was odd about a success, what interrupted an attempt, what it took to end an attempt, and what of its output is gone; nil when there is
    /// nothing to say.
    private static func note(_ step: StepView, _ attempt: AttemptRecord) -> String? {
        var parts: [String] = []
        // Of a failure that is the reason, which the run tells; the run may have got over an interruption.
        if [.succeeded, .interrupted].contains(attempt.status), let remark = attempt.error {
            parts.append(Terminal.plain(remark))
        }
        if let stop = attempt.stop {
            if !stop.signals.isEmpty { parts.append("stopped with \(stop.signals.joined(separator: ", "))") }
            let processes = { (count: Int) in count == 1 ? "1 process" : "\(count) processes" }
            if stop.survivorsKilled > 0 {
                parts.append(
                    "\(processes(stop.survivorsKilled)) it left \(stop.survivorsKilled == 1 ? "was" : "were") ended")
            }
            if stop.survivorsLeft > 0 { parts.append("\(processes(stop.survivorsLeft)) could not be ended") }
            if let scope = stop.scope, !parts.isEmpty { parts[parts.count - 1] += " (by \(scope))" }
        }
        if let log = attempt.log, log.missing > 0 {
            let total = log.stdoutTotal + log.stderrTotal
            parts.append("\(log.missing) of \(total) bytes of output were not kept")
        }
        if let removed = attempt.logRemovedAt { parts.append("its output was removed \(Moments.relative(removed))") }
        guard !parts.isEmpty else { return nil }
        return "\(step.key), attempt \(attempt.number): \(parts.joined(separator: "; "))\n"
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
