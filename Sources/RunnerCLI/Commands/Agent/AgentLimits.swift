import ArgumentParser
import Engine
import Foundation
import Store

struct AgentLimits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Show the accounts that are at a limit; steps of their agents wait until it is over.",
        discussion: "An account is an agent and a fingerprint of its credential; the credential itself is not kept.")

    @Option(help: "Forget the limit of this account, so that the next step tries it again.")
    var lift: String?

    @OptionGroup var output: OutputOptions

    private struct Row: Encodable {
        let account: String
        let agent: String
        let seconds: Double
        let until: Date
        let reason: String

        init(_ limit: AccountLimit) {
            (account, agent, seconds, reason) = (limit.account, limit.agent, limit.seconds, limit.reason)
            until = Date(timeIntervalSinceNow: limit.seconds)
        }
    }

    func run() async throws {
        let lift = lift
        let limits = try await Session.with { workspace in
            if let lift, try await !workspace.store.liftLimit(of: lift) {
                throw EngineError(
                    .wrongState, "the account \"\(lift)\" is at no limit", hint: "see runner agent limits")
            }
            return try await workspace.store.openLimits()
        }
        if output.json { return try JSONOutput.print(limits.map(Row.init)) }
        if output.quiet { return Terminal.write(limits.map { $0.account + "\n" }.joined()) }
        guard !limits.isEmpty else { return Terminal.message("no account is at a limit") }
        let rows = limits.map { [$0.account, "for \(Moments.span($0.seconds))", Terminal.plain($0.reason)] }
        Terminal.write(Table(headings: ["ACCOUNT", "CLOSED", "REASON"], rows: rows).render())
    }
}
