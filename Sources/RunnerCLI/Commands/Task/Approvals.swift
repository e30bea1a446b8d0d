import ArgumentParser
import Engine
import Foundation
import RunnerCore
import Store

struct Approvals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals", _superCommandName: "runner",
        abstract: "List the decisions that tasks wait for, those that wait longest first.",
        discussion: """
            Also what running agents of this machine ask permission for (docs/agents.md); their processes wait meanwhile.
            """)

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let pending = try await Session.with(tidies: true) { workspace -> [ApprovalRow] in
            let questions = try await workspace.permissionQuestions().map { ApprovalRow($0.question, title: $0.title) }
            let gates = try await workspace.store.pendingApprovals().map { ApprovalRow($0) }
            return (questions + gates).sorted { $0.requestedAt < $1.requestedAt }
        }
        if output.json { return try JSONOutput.print(pending) }
        if output.quiet { return Terminal.write(pending.map { "\($0.task)\n" }.joined()) }
        guard !pending.isEmpty else { return Terminal.message("no task waits for a decision") }
        let rows = pending.map { row in
            [
                String(row.task), row.step, Moments.relative(row.requestedAt),
                row.expiresAt.map { Moments.relative($0) } ?? "never",
                String(Terminal.plain(row.message).prefix(60)),
            ]
        }
        Terminal.write(Table(headings: ["TASK", "STEP", "ASKED", "EXPIRES", "QUESTION"], rows: rows).render())
    }
}
