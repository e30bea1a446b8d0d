import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// What was read of the files that an attempt's agent left, as lines of its output; nil when there were none.
    package func agentReports(of attempt: AttemptID) async throws -> String? {
        try await client.query("select reports from runner.agent_attempts where attempt_id = \(attempt)").first?
            .decodeIfPresent("reports")
    }

    /// The parts of the statement that ends an attempt which record its agent's side of it.
    static func ledger(_ finish: AgentFinish) -> [SQL] {
        var parts: [SQL] = [
            """
            agent_attempt as (
                insert into runner.agent_attempts (attempt_id, account, resumed_session, baseline, totals, reports,
                    turns, retries, prices)
                select a.id, \(finish.account), \(finish.resumedSession?.storable), \(finish.baseline)::jsonb,
                    \(finish.totals)::jsonb, \(finish.reports?.storable), \(finish.turns.map(Self.counted))::integer,
                    \(Self.counted(finish.retries))::integer, \(finish.prices)
                from ended_attempt a
            )
            """
        ]
        if !finish.usage.isEmpty {
            parts.append(
                """
                used as (
                    insert into runner.usage_entries (attempt_id, model, input_tokens, output_tokens, cache_read_tokens,
                        cache_write_tokens, cost_usd, source, price)
                    select a.id, x.model, x.input, x.output, x.cache_read, x.cache_write, x.cost, x.source, x.price
                    from ended_attempt a, jsonb_to_recordset(\(UsageEntry.document(finish.usage))::jsonb) as x (
                        model text, input bigint, output bigint, cache_read bigint, cache_write bigint, cost numeric,
                        source text, price jsonb)
                    on conflict (attempt_id, model) do nothing
                )
                """)
        }
        if let limit = finish.limit, let account = finish.account {
            parts.append(
                """
                limited as (
                    insert into runner.agent_circuits as c (account, agent, open_until, reason)
                    select \(account), \(finish.agent), now() + \(limit.delay.interval), \(limit.reason.storable)
                    from ended_attempt
                    on conflict (account) do update set open_until = greatest(c.open_until, excluded.open_until),
                        reason = excluded.reason
                )
                """)
        }
        return parts
    }

    /// As an `integer` column takes it: what an agent says may be any number, and must not cost the attempt its end.
    private static func counted(_ number: Int) -> Int { min(max(number, 0), Int(Int32.max)) }

    /// The limit that an account is at; nil when a step may begin with it.
    package func limit(of account: String) async throws -> AccountLimit? {
        try await limits("account = \(account)").first
    }

    /// All accounts that are at a limit now.
    package func openLimits() async throws -> [AccountLimit] {
        try await limits("true")
    }

    private func limits(_ condition: SQL) async throws -> [AccountLimit] {
        let rows = try await client.query(
            """
            select account, agent, extract(epoch from open_until - now())::double precision as seconds, reason
            from runner.agent_circuits where open_until > now() and \(condition) order by account
            """)
        return try rows.map { row in
            AccountLimit(
                account: try row.decode("account"), agent: try row.decode("agent"),
                seconds: try row.decode("seconds"), reason: try row.decode("reason"))
        }
    }

    /// Forgets a limit, for a person who knows better; false when there was none.
    package func liftLimit(of account: String) async throws -> Bool {
        try await client.execute("delete from runner.agent_circuits where account = \(account)") > 0
    }

    /// What the newest ended attempt in an agent's session said that the session has used; nil when none said it.
    package func sessionTotals(agent: String, session: String) async throws -> JSONValue? {
        let rows = try await client.query(
            """
            select g.totals from runner.step_attempts a join runner.agent_attempts g on g.attempt_id = a.id
            where a.agent = \(agent) and a.agent_session_id = \(session.storable) and g.totals is not null
            order by a.finished_at desc, a.number desc limit 1
            """)
        return try rows.first?.decodeIfPresent("totals")
    }
}

extension UsageEntry {
    /// The rows as one JSON document for `jsonb_to_recordset`.
    static func document(_ entries: [UsageEntry]) -> JSONValue {
        .array(
            entries.map { entry in
                let cost = entry.costUSD.flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
                let model = String(entry.model.storable.prefix(200))
                return .object([
                    "model": .string(model.isEmpty ? "unknown" : model), "input": .integer(max(entry.tokens.input, 0)),
                    "output": .integer(max(entry.tokens.output, 0)),
                    "cache_read": .integer(max(entry.tokens.cacheRead, 0)),
                    "cache_write": .integer(max(entry.tokens.cacheWrite, 0)),
                    "cost": cost.map(JSONValue.number) ?? .null,
                    "source": .string(cost == nil ? Source.unpriced.rawValue : entry.source.rawValue),
                    "price": cost == nil ? .null : entry.price?.document ?? .null,
                ])
            })
    }
}

extension ModelPrice {
    fileprivate var document: JSONValue {
        .object([
            "input": .number(input), "output": .number(output), "cacheRead": .number(cacheRead),
            "cacheWrite": .number(cacheWrite),
        ])
    }
}
