package import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// All tokens of a row of the ledger `u`; four of the largest counts would not fit into a bigint.
    static let tokensOfEntry: SQL =
        "u.input_tokens::numeric + u.output_tokens + u.cache_read_tokens + u.cache_write_tokens"

    /// Sums of the ledger, most expensive first; with `since` only of attempts that ended later.
    ///
    /// Attempts that an agent began and did not end well, without a row in the ledger, are counted beside them: whether
    /// and what they cost, nobody knows.
    package func usage(
        by key: UsageKey, repository: RepositoryID? = nil, since: Date? = nil
    ) async throws -> [UsageSum] {
        let column: SQL =
            switch key {
            case .agent: "coalesce(a.agent, 'unknown')"
            case .model: "coalesce(u.model, a.model, 'unknown')"
            case .repo: "p.name"
            case .day: "to_char(a.finished_at at time zone 'UTC', 'YYYY-MM-DD')"
            case .task: "t.number::text"
            }
        let rows = try await client.query(
            """
            select \(column) as key, count(distinct u.attempt_id) as attempts,
                count(distinct a.id) filter (where u.attempt_id is null) as untold,
                least(coalesce(sum(u.input_tokens), 0), \(TokenUsage.limit))::bigint as input,
                least(coalesce(sum(u.output_tokens), 0), \(TokenUsage.limit))::bigint as output,
                least(coalesce(sum(u.cache_read_tokens), 0), \(TokenUsage.limit))::bigint as cache_read,
                least(coalesce(sum(u.cache_write_tokens), 0), \(TokenUsage.limit))::bigint as cache_write,
                sum(u.cost_usd)::double precision as cost,
                least(coalesce(sum(\(Self.tokensOfEntry)) filter (where u.source = 'unpriced'), 0),
                    \(TokenUsage.limit))::bigint as unpriced
            from runner.step_attempts a left join runner.usage_entries u on u.attempt_id = a.id
            join runner.steps s on s.id = a.step_id join runner.runs r on r.id = s.run_id
            join runner.tasks t on t.id = r.task_id join runner.repositories p on p.id = t.repository_id
            where (u.attempt_id is not null or (a.agent <> 'command' and a.output_bytes > 0
                and a.status in ('failed', 'timed_out', 'cancelled', 'interrupted')))
              and (\(repository)::uuid is null or p.id = \(repository)) and (\(since)::timestamptz is null
                or a.finished_at >= \(since))
            group by 1 order by cost desc nulls last, 1
            """)
        return try rows.map { row in
            UsageSum(
                key: try row.decode("key"), attempts: try row.decode("attempts"),
                tokens: TokenUsage(
                    input: try row.decode("input"), output: try row.decode("output"),
                    cacheRead: try row.decode("cache_read"), cacheWrite: try row.decode("cache_write")),
                costUSD: try row.decodeIfPresent("cost"), unpricedTokens: try row.decode("unpriced"),
                untoldAttempts: try row.decode("untold"))
        }
    }

    /// The ended attempts of agents with their rows in the ledger, oldest first; of one task, or of all.
    package func ledger(of task: TaskID? = nil) async throws -> [LedgerRow] {
        let rows = try await client.query(
            """
            select \(columns(AttemptRecord.columnNames, of: "a")), t.number as task_number, r.id as run_id, s.key,
                g.reports, (select jsonb_agg(jsonb_build_object('model', u.model, 'input', u.input_tokens,
                    'output', u.output_tokens, 'cache_read', u.cache_read_tokens, 'cache_write', u.cache_write_tokens,
                    'cost', u.cost_usd, 'source', u.source, 'price', u.price) order by u.model)
                    from runner.usage_entries u where u.attempt_id = a.id) as usage
            from runner.agent_attempts g join runner.step_attempts a on a.id = g.attempt_id
            join runner.steps s on s.id = a.step_id join runner.runs r on r.id = s.run_id
            join runner.tasks t on t.id = r.task_id
            where (\(task)::uuid is null or t.id = \(task)) and a.status <> 'running'
            order by a.finished_at, a.id
            """)
        return try rows.map { row in
            let usage: JSONValue? = try row.decodeIfPresent("usage")
            return LedgerRow(
                attempt: try AttemptRecord(row, "a"), taskNumber: try row.decode("task_number"),
                runID: try row.decode("run_id"), stepKey: try row.decode("key"),
                reports: try row.decodeIfPresent("reports"),
                usage: (usage?.arrayValue ?? []).compactMap(UsageEntry.init(document:)))
        }
    }
}

extension UsageEntry {
    /// As the query above makes it; the reverse of `document`.
    fileprivate init?(document: JSONValue) {
        guard let model = document["model"]?.stringValue,
            let source = document["source"]?.stringValue.flatMap(Source.init)
        else { return nil }
        let count = { (key: String) in document[key]?.intValue ?? 0 }
        self.init(
            model: model,
            tokens: TokenUsage(
                input: count("input"), output: count("output"), cacheRead: count("cache_read"),
                cacheWrite: count("cache_write")),
            costUSD: document["cost"]?.doubleValue, source: source,
            price: document["price"].flatMap(ModelPrice.init(document:)))
    }
}

extension ModelPrice {
    fileprivate init?(document: JSONValue) {
        guard let input = document["input"]?.doubleValue, let output = document["output"]?.doubleValue,
            let cacheRead = document["cacheRead"]?.doubleValue, let cacheWrite = document["cacheWrite"]?.doubleValue
        else { return nil }
        self.init(input: input, output: output, cacheRead: cacheRead, cacheWrite: cacheWrite)
    }
}
