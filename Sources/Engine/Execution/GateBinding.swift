import BlockingIO
import Crypto
import Foundation
import Git
import RunnerCore

/// What an approval is bound to: the exact files of the worktree, and what the steps before have put out.
struct GateBinding: Sendable, Hashable {
    /// Holds the worktree as it is.
    let commit: String
    let tree: String
    /// SHA-256 in hexadecimal.
    let outputs: String

    /// `open` are the steps that have not ended: what one of them left when it ran before does not count.
    static func of(
        _ worktree: Worktree, facts: [String: StepFacts], open: Set<String>, signature: Signature, lane: BlockingLane
    ) async throws -> GateBinding {
        let outputs = digest(of: facts.filter { !open.contains($0.key) })
        return try await lane.run {
            let checkpoint = try Checkpoint.write(
                worktree: worktree, message: "what is to be approved", author: signature, committer: signature)
            return GateBinding(commit: checkpoint.commit.hex, tree: checkpoint.tree.hex, outputs: outputs)
        }
    }

    func matches(_ asked: ApprovalRecord) -> Bool {
        asked.tree == tree && asked.outputsSHA256 == outputs
    }

    /// Over the outputs, summaries and results of all ended steps, whatever their order.
    static func digest(of facts: [String: StepFacts]) -> String {
        let told = facts.filter { _, facts in
            facts.status.isTerminal && (!facts.outputs.isEmpty || facts.summary != nil || facts.result != nil)
        }
        let shown = told.mapValues { facts in
            JSONValue.object([
                "outputs": .object(facts.outputs.mapValues(JSONValue.string)),
                "summary": facts.summary.map(JSONValue.string) ?? .null,
                "result": facts.result.map(JSONValue.string) ?? .null,
            ])
        }
        return SHA256.hash(data: Data(JSONValue.object(shown).plainText.utf8)).hexadecimal
    }
}
