import Foundation
import RunnerCore
import Store

extension RunWalk {
    /// A step around which a budget is used up waits until that counts no more, or until somebody raises it.
    ///
    /// Nil where none is. `ended` is an attempt that is not recorded yet. Of a step that begins it is kept which budget
    /// has the least money left.
    mutating func heldByBudget(
        _ decision: Decision, after ended: StepOutcome?
    ) async throws -> (Decision, RunHold?)? {
        guard let key = decision.next.stepKey, setting.context.replay == nil else { return nil }
        var stopped: BudgetStanding?
        switch decision.next {
        case .start: break
        case .hold: stopped = lastAttempts[key].flatMap { AgentStart($0).budget }
        case .retry, .approval, .fork, .wait, .finish: return nil
        }
        let standings = try await standings(of: key, after: ended)
        // An agent stops a little before or after its bound.
        let same = stopped.flatMap { stopped in
            standings.first { $0.isSame(as: stopped) && $0.budget == stopped.budget }
        }
        if let holding = BudgetStanding.holding(standings) ?? same {
            let delay = holding.until.map { Duration.seconds(max($0.timeIntervalSinceNow, 0) + 1) }
            let hold = RunHold(reason: holding.sentence, budget: holding)
            budgetHolds[key] = hold
            return (state.postpone(decision, by: delay, at: Date()), hold)
        }
        budgetHolds[key] = nil
        agentBudgets[key] = BudgetStanding.tightest(standings)
        // The budget was raised while other steps ran beside it.
        if case .hold = decision.next { return (state.postpone(decision, by: .seconds(1), at: Date()), nil) }
        return nil
    }

    /// A budget that was changed while the run let go finds nobody else.
    func wakeIfRaised() async throws {
        guard let read = budgetsRead?.budgets, try await store.budgets(of: run.id) != read else { return }
        try await store.wakeBudgetWaits(run: run.id)
    }

    /// Says once that a bound in money does not see what an attempt used.
    mutating func noteUnpriced(_ ended: StepOutcome, of key: String) async throws {
        guard !hasNotedUnpriced, setting.context.replay == nil,
            let entry = ended.agent?.usage.first(where: { $0.source == .unpriced }),
            let bound = try await bounds(of: key).first(where: { $0.budget.usd != nil })
        else { return }
        hasNotedUnpriced = true
        executor.progress(
            .note(
                "\(bound.title) does not count what \"\(entry.model)\" uses: its price is not known; "
                    + "give it in ~/.config/runner/prices.json, or bound tokens"))
    }

    /// What bounds a step, with what has been used of it.
    private mutating func standings(of key: String, after ended: StepOutcome?) async throws -> [BudgetStanding] {
        var standings: [BudgetStanding] = []
        for var standing in try await bounds(of: key) {
            let scope: SpendingScope =
                switch standing.scope {
                case .all: .all
                case .repository: .repository(setting.repository.id)
                case .run: .run(run.id)
                case .step: .step(run.id, key: standing.name ?? key)
                }
            let (used, seconds) = try await store.spending(in: scope, per: standing.period)
            standing.used = used
            standing.until = seconds.map { Date(timeIntervalSinceNow: max($0, 0)) }
            if let ended, let usage = ended.agent?.usage,
                standing.scope != .step || StepPath.isInside(ended.result.stepKey, standing.name ?? key)
            {
                standing.used = standing.used + Spending(usage)
            }
            standings.append(standing)
        }
        return standings
    }

    /// The same without what was used, the narrowest first.
    private mutating func bounds(of key: String) async throws -> [BudgetStanding] {
        let known = try await budgetsInForce(for: key)
        var bounds: [BudgetStanding] = []
        var place: StepPath? = StepPath(key)
        while let path = place {
            if let budget = known.steps[path.text] ?? setting.definition.step(path.text)?.budget {
                bounds.append(BudgetStanding(scope: .step, name: path.text, budget: budget, used: Spending()))
            }
            place = path.parent
        }
        if let budget = known.run ?? setting.definition.budget {
            bounds.append(
                BudgetStanding(scope: .run, name: String(setting.task.number), budget: budget, used: Spending()))
        }
        bounds += known.repository.map {
            BudgetStanding(
                scope: .repository, name: setting.repository.name, period: $0.period, budget: $0.budget,
                used: Spending())
        }
        bounds += known.all.map {
            BudgetStanding(scope: .all, period: $0.period, budget: $0.budget, used: Spending())
        }
        return bounds
    }

    /// Read anew for every step of an agent; for others, which cost nothing themselves, what was read just now will do.
    private mutating func budgetsInForce(for key: String) async throws -> BudgetsInForce {
        if let read = budgetsRead, setting.definition.step(key)?.kind != "agent",
            ContinuousClock.now - read.at < .seconds(2)
        {
            return read.budgets
        }
        let budgets = try await store.budgets(of: run.id)
        budgetsRead = (budgets, .now)
        return budgets
    }
}

extension StepPath {
    /// Whether a step is the one called `outer`, or stands in it at any depth.
    static func isInside(_ key: String, _ outer: String) -> Bool {
        key == outer || key.hasPrefix(outer + "/") || key.hasPrefix(outer + "#")
    }
}
