import RunnerCore

/// Budgets with what is used of each, as a table.
enum BudgetTable {
    static func render(_ standings: [BudgetStanding]) -> String {
        let rows = standings.map { standing in
            [
                standing.scope.rawValue, Terminal.plain(standing.name ?? ""), standing.period?.rawValue ?? "in all",
                standing.figures, standing.isReached ? "used up" : "",
                standing.until.map { "ends \(Moments.relative($0))" } ?? "",
                standing.budget.usd != nil && standing.used.unpricedTokens > 0
                    ? "\(standing.used.unpricedTokens) tokens are unpriced" : "",
            ]
        }
        return Table(headings: ["BUDGET", "OF", "FOR", "USED", "", "", ""], rows: rows).render()
    }
}
