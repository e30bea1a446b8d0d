import ArgumentParser
import Engine
import Foundation
import RunnerCore
import Store

struct Usage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show what agents used and cost; with --check, reckon every figure again from the raw output.",
        discussion: """
            A cost is the agent's own figure, or tokens times the price table (templates/prices.json, and before it \
            ~/.config/runner/prices.json). What neither knows is shown as unpriced and is in no sum of dollars. \
            Attempts that were ended before their agent told what it had used are counted as untold.

            The budgets follow, with what is used of each; runner budget --json has them alone.

            --check decodes the stored output of each attempt once more and compares; it ends with status 1 when a \
            figure differs.
            """)

    @Option(help: "Sum by \(UsageKey.allCases.map(\.rawValue).joined(separator: ", ")).")
    var by: UsageKey = .agent

    @Option(name: .shortAndLong, help: "Only this repository.")
    var repository: String?

    @Option(help: "Only the last days.")
    var days: Int?

    @Option(help: "With --check: only this task.")
    var task: String?

    @Flag(help: "Reckon again from the raw output and compare.")
    var check = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let days, !(1...36_500).contains(days) { throw ValidationError("--days takes a number from 1 to 36500.") }
        if task != nil, !check { throw ValidationError("--task goes with --check; for sums by task use --by task.") }
    }

    func run() async throws {
        if check { return try await audit() }
        let (key, repository, days) = (by, repository, days)
        let (sums, budgets) = try await Session.with { workspace in
            let sums = try await workspace.store.usage(
                by: key, repository: repository == nil ? nil : workspace.repositories.registered(repository ?? "").id,
                since: days.map { Date(timeIntervalSinceNow: -Double($0) * 86_400) })
            return (sums, try await workspace.budgets())
        }
        if output.json { return try JSONOutput.print(sums) }
        if output.quiet { return Terminal.write(sums.map { $0.key + "\n" }.joined()) }
        defer { if !budgets.isEmpty { Terminal.write("\n" + BudgetTable.render(budgets)) } }
        guard !sums.isEmpty else { return Terminal.message("no agent has told of any usage") }
        let rows = sums.map { sum in
            [
                Terminal.plain(sum.key), String(sum.attempts), String(sum.tokens.input), String(sum.tokens.output),
                String(sum.tokens.cacheRead), String(sum.tokens.cacheWrite),
                sum.costUSD.map { String(format: "$%.4f", $0) } ?? (sum.attempts > 0 ? "unpriced" : ""),
                sum.unpricedTokens > 0 ? "\(sum.unpricedTokens) tokens" : "",
                sum.untoldAttempts > 0 ? String(sum.untoldAttempts) : "",
            ]
        }
        let headings = [
            by.rawValue.uppercased(), "ATTEMPTS", "INPUT", "OUTPUT", "CACHE READ", "CACHE WRITE", "COST", "UNPRICED",
            "UNTOLD",
        ]
        Terminal.write(Table(headings: headings, rows: rows).render())
    }

    private func audit() async throws {
        let text = task
        let findings = try await Session.with { workspace in
            let audit = UsageAudit(workspace: workspace)
            guard let text else { return try await audit.run() }
            return try await audit.run(task: try await workspace.store.task(matching: text).id)
        }
        let different = findings.filter { $0.verdict == .different }
        if output.json {
            try JSONOutput.print(findings)
        } else if output.quiet {
            Terminal.write(different.map { "\($0.task)\n" }.joined())
        } else {
            for finding in findings where finding.verdict != .equal {
                Terminal.write(
                    "task \(finding.task), \(finding.step), attempt \(finding.attempt) (\(finding.agent)): "
                        + "\(finding.verdict.rawValue), \(Terminal.plain(finding.detail ?? ""))\n")
            }
            let equal = findings.count { $0.verdict == .equal }
            Terminal.write(
                "\(findings.count) attempts: \(equal) equal, \(different.count) different, "
                    + "\(findings.count - equal - different.count) cannot be checked\n")
        }
        if !different.isEmpty { throw ExitStatus.failed }
    }
}

extension UsageKey: ExpressibleByArgument {}
