import Postgres
import RunnerCore

/// The statement that ends an attempt.
extension Store {
    /// The statement that ends an attempt: the call alone, or with it what only some attempts leave.
    static func finishing(_ finish: FinishAttempt) -> SQL {
        var parts: [SQL] = []
        if !finish.tools.isEmpty { parts.append(recorded(finish.tools)) }
        if let agent = finish.agent { parts += ledger(agent) }
        if !finish.artifacts.isEmpty { parts.append(handedOver(finish.artifacts)) }
        if let wait = finish.wait { parts.append(parked(wait, after: "select id from ended_attempt")) }
        guard !parts.isEmpty else { return "select \(ended(finish)) as answer" }
        return """
            with done as materialized (select \(ended(finish)) as answer),
            guard as materialized (select \(finish.runID) as id from done where answer[1] = 'done'),
            ended_attempt as materialized (
                select a.id, a.number, a.started_at, s.key, r.task_id
                from guard g join runner.runs r on r.id = g.id join runner.step_attempts a on a.id = \(finish.attempt.id)
                join runner.steps s on s.id = a.step_id
            ), \(parts.joined(separator: ",\n"))
            select answer from done
            """
    }

    /// The call that ends an attempt, with what follows from it; what there is not is not named.
    private static func ended(_ finish: FinishAttempt) -> SQL {
        let attempt = finish.attempt
        let changes = Dictionary(
            finish.stepChanges.filter { $0.0 != finish.next?.stepID }, uniquingKeysWith: { _, last in last })
        var call: SQL = """
            runner.finish_attempt(run => \(finish.runID), fence => \(finish.fence), attempt => \(attempt.id),
                step => \(attempt.stepID), status => \(attempt.status), exit_code => \(attempt.exitCode),
                output => \(attempt.output)::jsonb, \(changing(changes, turns: finish.turns))
            """
        if attempt.log != nil || attempt.outputBytes != nil || attempt.outputSHA256 != nil
            || attempt.durationMilliseconds != nil
        {
            call += """
                , output_bytes => \(attempt.outputBytes), output_sha256 => decode(\(attempt.outputSHA256), 'hex'),
                log => \(AttemptRecord.document(attempt.log))::jsonb, duration_ms => \(attempt.durationMilliseconds)
                """
        }
        if attempt.commitBefore != nil || attempt.commitAfter != nil || attempt.filesChanged != nil
            || finish.head != nil
            || finish.base != nil
        {
            call += """
                , commit_before => \(attempt.commitBefore), commit_after => \(attempt.commitAfter),
                files_changed => \(attempt.filesChanged), insertions => \(attempt.insertions),
                deletions => \(attempt.deletions), head => \(finish.head), base => \(finish.base)
                """
        }
        if hasMore(attempt) { call += more(attempt) }
        if finish.wait != nil { call += ", waits => true" }
        if let next = finish.next {
            call += """
                , next_step => \(next.stepID), next_agent => \(next.agent), next_input => \(next.input)::jsonb,
                next_commit_before => \(next.commitBefore), next_branch_before => \(next.branchBefore)
                """
        }
        if let end = finish.finish {
            call += """
                , run_status => \(end.status), run_error => \(end.error?.storable),
                retention => \(retention(end.cleanupAfter))
                """
        }
        return call + ")"
    }

    /// Whether an attempt leaves more than a command does that came to its end.
    private static func hasMore(_ attempt: AttemptRecord) -> Bool {
        attempt.signal != nil || attempt.agent != nil || attempt.agentSessionID != nil || attempt.model != nil
            || attempt.usage != nil || attempt.costUSD != nil || attempt.stop != nil || attempt.error != nil
            || attempt.failureClass != nil || attempt.retryAt != nil
    }

    private static func more(_ attempt: AttemptRecord) -> SQL {
        let cost = attempt.costUSD.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
        return """
            , signal => \(attempt.signal), agent => \(attempt.agent),
            agent_session_id => \(attempt.agentSessionID?.storable), model => \(attempt.model?.storable),
            input_tokens => \(attempt.usage?.input), output_tokens => \(attempt.usage?.output),
            cache_read_tokens => \(attempt.usage?.cacheRead), cache_write_tokens => \(attempt.usage?.cacheWrite),
            cost_usd => \(cost), stop => \(AttemptRecord.document(attempt.stop))::jsonb,
            error => \(attempt.error?.storable), failure_class => \(attempt.failureClass),
            retry_at => \(attempt.retryAt?.plausible)
            """
    }
}
