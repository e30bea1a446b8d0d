import Foundation
import Postgres
package import RunnerCore

extension Store {
    /// The setting with the budgets over everything: a list as a repository's settings have it.
    package static let budgetSetting = "budgets"
    /// The member of a run's context with what a person gave it: `{"run": {…}, "steps": {"key": {…}}}`.
    static let budgetMember = "budgets"

    /// The budgets around a run as they are now, in one look.
    package func budgets(of run: RunID) async throws -> BudgetsInForce {
        let row = try await client.query(
            """
            select (select value from runner.settings where key = \(Self.budgetSetting) and not secret) as everything,
                p.settings->'budgets' as repository, r.context->\(Self.budgetMember)->'run' as own,
                r.context->\(Self.budgetMember)->'steps' as steps
            from runner.runs r join runner.tasks t on t.id = r.task_id
            join runner.repositories p on p.id = t.repository_id where r.id = \(run)
            """
        ).first
        guard let row else { return BudgetsInForce() }
        return BudgetsInForce(
            all: Self.decoded(try row.decodeIfPresent("everything")) ?? [],
            repository: Self.decoded(try row.decodeIfPresent("repository")) ?? [],
            run: Self.decoded(try row.decodeIfPresent("own")),
            steps: Self.decoded(try row.decodeIfPresent("steps")) ?? [:])
    }

    /// The budgets over everything.
    package func generalBudgets() async throws -> [PeriodBudget] {
        Self.decoded(try await setting(Self.budgetSetting)) ?? []
    }

    package func setGeneralBudgets(_ budgets: [PeriodBudget]) async throws {
        try await setSetting(
            Self.budgetSetting, try JSONValue(encoding: budgets), description: "what all runs may use together")
    }

    /// What was used in a scope, in the present day or month (UTC, by the server's clock) or ever.
    ///
    /// `secondsLeft` is until the period ends; nil without one.
    package func spending(
        in scope: SpendingScope, per period: BudgetPeriod? = nil
    ) async throws -> (used: Spending, secondsLeft: Double?) {
        let start: SQL =
            period.map { "date_trunc(\($0.rawValue)::text, now() at time zone 'UTC')" } ?? "null::timestamp"
        let length: SQL = period == .day ? "interval '1 day'" : "interval '1 month'"
        let row = try await client.query(
            """
            with recursive span as materialized (
                select \(start) at time zone 'UTC' as begins, (\(start) + \(length)) at time zone 'UTC' as ends
            ), \(Self.family(of: scope))
            select coalesce(sum(u.cost_usd), 0)::double precision as usd,
                least(coalesce(sum(\(Self.tokensOfEntry)), 0), \(TokenUsage.limit))::bigint as tokens,
                least(coalesce(sum(\(Self.tokensOfEntry)) filter (where u.source = 'unpriced'), 0),
                    \(TokenUsage.limit))::bigint as unpriced,
                (select extract(epoch from ends - now())::double precision from span) as seconds
            from runner.usage_entries u \(Self.owner(of: scope))
            where ((select begins from span) is null or u.created_at >= (select begins from span))
            """
        ).first
        guard let row else { return (Spending(), nil) }
        return (
            Spending(
                usd: try row.decode("usd"), tokens: try row.decode("tokens"),
                unpricedTokens: try row.decode("unpriced")),
            try row.decodeIfPresent("seconds")
        )
    }

    /// `family`: a run, those for which it works or worked, and those that do or did for any of them.
    ///
    /// Without `offset 0` the planner, which expects far more members, reads all steps that there are.
    private static func family(of scope: SpendingScope) -> SQL {
        guard case .run(let run) = scope else { return "family (id) as (select null::uuid)" }
        return """
            above (id) as (
                select \(run)::uuid
                union select s.run_id from above a cross join lateral (
                    select x.run_id from runner.steps x where x.child_run_id = a.id
                    union all
                    select x.run_id from runner.steps x where x.former_child_run_ids @> array[a.id]
                ) s
            ), family (id) as (
                select id from above
                union select c.id from family f cross join lateral (
                    select x.child_run_id, x.former_child_run_ids from runner.steps x
                    where x.run_id = f.id and (x.child_run_id is not null or x.former_child_run_ids is not null)
                    offset 0
                ) s
                cross join lateral unnest(array_append(s.former_child_run_ids, s.child_run_id)) c (id)
                where c.id is not null
            )
            """
    }

    private static func owner(of scope: SpendingScope) -> SQL {
        let step: SQL = """
            join runner.step_attempts a on a.id = u.attempt_id join runner.steps s on s.id = a.step_id
            """
        switch scope {
        case .all: return ""
        case .repository(let id):
            return """
                \(step) join runner.runs r on r.id = s.run_id
                join runner.tasks t on t.id = r.task_id and t.repository_id = \(id)
                """
        case .run: return "\(step) join family f on f.id = s.run_id"
        case .step(let run, let key):
            return """
                \(step) and s.run_id = \(run)
                and (s.key = \(key) or starts_with(s.key, \(key + "/")) or starts_with(s.key, \(key + "#")))
                """
        }
    }

    /// Has a run that waits at a budget go on, queued or at once in the hands of `owner`.
    ///
    /// Nil when it does not wait at one any more.
    package func resumeRun(_ id: RunID, owner: SessionID? = nil) async throws -> RunRecord? {
        let rows = try await client.query(
            """
            with me as materialized (
                select (select id from runner.sessions where id = \(owner) and active) as id
            ), r as (
                update runner.runs r set status = case when me.id is null then 'queued' else 'running' end,
                    owner_session_id = me.id, fence = r.fence + case when me.id is null then 0 else 1 end,
                    started_at = case when me.id is null then r.started_at else coalesce(r.started_at, now()) end,
                    due_at = null, waiter_session_id = null
                from me
                where r.id = \(id) and \(Self.isAtBudget)
                returning r.*
            ), t as (
                update runner.tasks t set status = r.status,
                    started_at = case r.status when 'running' then coalesce(t.started_at, now()) else t.started_at end
                from r where t.id = r.task_id
            ), event as (
                insert into runner.events (task_id, kind, detail)
                select r.task_id, 'run.queued', jsonb_build_object('run', r.number) from r
            )
            \(RunRecord.select(from: "r"))
            """)
        return try rows.first.map { row in try RunRecord(row) }
    }

    /// Gives a run, and all that work for it or for which it works, another budget; with `step` only that step of the run.
    ///
    /// The others of them that wait for the budget of the run are due at once.
    package func setBudget(_ budget: Budget, of run: RunID, step: String? = nil) async throws {
        let document = try JSONValue(encoding: budget)
        let budgets: SQL = "coalesce(r.context->\(Self.budgetMember), '{}')"
        let changed: SQL =
            step.map { key in
                """
                \(budgets) || jsonb_build_object('steps', coalesce(\(budgets)->'steps', '{}')
                    || jsonb_build_object(\(key)::text, \(document)::jsonb))
                """
            } ?? "\(budgets) || jsonb_build_object('run', \(document)::jsonb)"
        let members: SQL = step == nil ? "select id from family" : "select \(run)::uuid"
        try await client.execute(
            """
            with recursive \(Self.family(of: .run(run)))
            update runner.runs r set context = r.context || jsonb_build_object(\(Self.budgetMember)::text, \(changed)),
                due_at = case when \(Self.isAtBudget) and r.parked->'budget'->>'scope' = 'run' and r.id <> \(run)
                    then now() else r.due_at end
            where r.id in (\(members))
            """)
    }

    /// Has the runs that wait at a budget look again: those of one repository, one of them, or all; returns how many.
    @discardableResult
    package func wakeBudgetWaits(repository: RepositoryID? = nil, run: RunID? = nil) async throws -> Int {
        try await client.execute(
            """
            update runner.runs r set due_at = now() from runner.tasks t
            where t.id = r.task_id and \(Self.isAtBudget)
              and (\(repository)::uuid is null or t.repository_id = \(repository))
              and (\(run)::uuid is null or r.id = \(run))
            """)
    }

    private static let isAtBudget: SQL = "(r.status = 'waiting' and r.parked->'budget' is not null)"

    private static func decoded<Value: Decodable>(_ document: JSONValue?) -> Value? {
        guard let document, document != .null else { return nil }
        return try? document.decoded()
    }
}
