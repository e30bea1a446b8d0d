import ArgumentParser
import Engine
import Foundation
import RunnerCore
import Store

struct Approvals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the decisions that tasks wait for, those that wait longest first.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let pending = try await Session.with(tidies: true) { try await $0.store.pendingApprovals() }
        if output.json { return try JSONOutput.print(pending.map(ApprovalRow.init)) }
        if output.quiet { return Terminal.write(pending.map { "\($0.task.number)\n" }.joined()) }
        guard !pending.isEmpty else { return Terminal.message("no task waits for a decision") }
        let rows = pending.map { gate in
            [
                String(gate.task.number), gate.approval.stepKey, Moments.relative(gate.approval.requestedAt),
                gate.approval.expiresAt.map { Moments.relative($0) } ?? "never",
                String(Terminal.plain(gate.approval.message).prefix(60)),
            ]
        }
        Terminal.write(Table(headings: ["TASK", "GATE", "ASKED", "EXPIRES", "QUESTION"], rows: rows).render())
    }
}
