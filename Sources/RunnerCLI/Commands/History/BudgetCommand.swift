import ArgumentParser
import Engine
import RunnerCore

struct BudgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget", abstract: "Show the budgets and what is used of them, or set that of all runs together.",
        discussion: """
            When what is used reaches a budget, nothing that it bounds begins another step: its runs wait. Days and months \
            are those of UTC; with them the runs go on by themselves. A repository's budget is set with runner repo update \
            --budget, a run's with runner start --budget or in its workflow, and raised with runner retry --budget.
            """)

    @Option(
        name: .customLong("set"),
        help: "What all runs may use together, as 20/day or 5M tokens/month; can be repeated, '' clears.")
    var amounts: [String] = []

    @OptionGroup var output: OutputOptions

    func validate() throws {
        do {
            _ = try PeriodBudget.list(amounts)
        } catch {
            throw ValidationError("\(error).")
        }
    }

    func run() async throws {
        let new = amounts.isEmpty ? nil : try PeriodBudget.list(amounts)
        let standings = try await Session.with(tidies: true) { workspace in
            if let new { try await workspace.setBudgets(new) }
            return try await workspace.budgets()
        }
        if output.json { return try JSONOutput.print(standings) }
        if output.quiet { return }
        guard !standings.isEmpty else {
            return Terminal.message("there is no budget; set one: runner budget --set 20/day")
        }
        Terminal.write(BudgetTable.render(standings))
    }
}

extension Budget {
    /// What an option says; throws what is wrong with it.
    static func argument(_ text: String) throws -> Budget {
        guard let budget = Budget(text) else {
            throw ValidationError(
                "\"\(text.prefix(60))\" is no budget; write money as 5.00, tokens as 2M tokens, or both.")
        }
        return budget
    }
}
