import ArgumentParser
import Engine
import Store

struct AgentLimits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Show the accounts that are at a limit; steps of their agents wait until it is over.",
        discussion: "An account is an agent and a fingerprint of its credential; the credential itself is not kept.")

    @Option(help: "Forget the limit of this account, so that the next step tries it again.")
    var lift: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let lift = lift
        let limits = try await Session.with { workspace in
            if let lift, try await !workspace.store.liftLimit(of: lift) {
                throw EngineError(
                    .wrongState, "the account \"\(lift)\" is at no limit", hint: "see runner agent limits")
            }
            return try await workspace.store.openLimits()
        }
        if output.json { return try JSONOutput.print(limits) }
        if output.quiet { return Terminal.write(limits.map { $0.account + "\n" }.joined()) }
        guard !limits.isEmpty else { return Terminal.message("no account is at a limit") }
        let rows = limits.map { [$0.account, "for \(Moments.span($0.seconds))", Terminal.plain($0.reason)] }
        Terminal.write(Table(headings: ["ACCOUNT", "CLOSED", "REASON"], rows: rows).render())
    }
}
