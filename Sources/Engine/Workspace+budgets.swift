import Foundation
package import RunnerCore
import Store

extension Workspace {
    /// Every budget there is, with what is used of it: those over everything, of repositories, and of open runs.
    package func budgets() async throws -> [BudgetStanding] {
        var standings: [BudgetStanding] = []
        for bound in try await store.generalBudgets() {
            standings.append(try await standing(bound, .all, nil, in: .all))
        }
        for repository in try await store.repositories() {
            for bound in repository.settings.budgets ?? [] {
                standings.append(
                    try await standing(bound, .repository, repository.name, in: .repository(repository.id)))
            }
        }
        var filter = TaskFilter()
        filter.statuses = [.queued, .running, .waiting]
        filter.limit = 1_000
        for summary in try await store.tasks(filter).reversed() {
            guard let run = try await store.latestRun(of: summary.task.id) else { continue }
            let given = try? RunContext(run.context).budgets
            // A definition that names an agent which is not described here cannot be read here.
            if let budget = given?.run ?? (try? run.definition())?.budget {
                standings.append(
                    try await standing(PeriodBudget(budget), .run, String(summary.task.number), in: .run(run.id)))
            }
        }
        return standings
    }

    private func standing(
        _ bound: PeriodBudget, _ scope: BudgetStanding.Scope, _ name: String?, in spent: SpendingScope
    ) async throws -> BudgetStanding {
        let (used, seconds) = try await store.spending(in: spent, per: bound.period)
        return BudgetStanding(
            scope: scope, name: name, period: bound.period, budget: bound.budget, used: used,
            until: seconds.map { Date(timeIntervalSinceNow: $0) })
    }

    /// Sets what all runs may use together, and has those that wait at a budget look again.
    package func setBudgets(_ budgets: [PeriodBudget]) async throws {
        try await store.setGeneralBudgets(budgets)
        try await wakeBudgetWaits(of: nil)
    }

    /// Has the runs that wait at a budget look again.
    package func wakeBudgetWaits(of repository: RepositoryID?) async throws {
        guard try await store.wakeBudgetWaits(repository: repository) > 0 else { return }
        _ = try await BackgroundDaemon(workspace: self).ensure()
    }

    /// The run of a task that waits at a budget, after that was raised to `budget`; nil when it waits at none.
    func runAtBudget(_ text: String, from step: String?, raisedTo budget: Budget?) async throws -> RunRecord? {
        let task = try await store.task(matching: text)
        guard let run = try await store.latestRun(of: task.id), run.status == .waiting, let bound = run.hold?.budget
        else { return nil }
        guard step == nil else {
            throw EngineError(
                .wrongState, "task \(task.number) waits for \(bound.title) and goes on where it is",
                hint: "leave out --from, or cancel it first: runner cancel \(task.number)")
        }
        guard let budget else { return run }
        switch bound.scope {
        case .run: try await store.setBudget(budget, of: run.id)
        case .step: try await store.setBudget(budget, of: run.id, step: bound.name)
        case .repository, .all:
            throw EngineError(
                .wrongState, "task \(task.number) waits for \(bound.title), which is not its own",
                hint: "raise that: \(bound.remedy(task: task.number))")
        }
        return run
    }

    /// Goes on with it in the hands of a foreground command, on the host that has its worktree.
    func resumed(_ run: RunRecord, owner: SessionID?) async throws -> RunRecord {
        let task = try await store.taskDetail(run.taskID).task
        if owner != nil, let environment = try await store.environment(of: task.id) {
            try checkIsHere(
                environment, of: task, hint: "go on with it there, or leave it to that host's daemon with --detach")
        }
        guard let resumed = try await store.resumeRun(run.id, owner: owner) else {
            throw EngineError(
                .wrongState, "task \(task.number) waits at no budget any more",
                hint: "see runner show \(task.number)")
        }
        return resumed
    }
}

extension BudgetStanding {
    /// How a person raises it for the task that waits.
    package func remedy(task: Int) -> String {
        let period = period.map { "/\($0.rawValue)" } ?? ""
        return switch scope {
        case .step, .run: "runner retry \(task) --budget AMOUNT"
        case .repository: "runner repo update \(name ?? "NAME") --budget AMOUNT\(period)"
        case .all: "runner budget --set AMOUNT\(period)"
        }
    }
}
