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

    static func of(
        _ worktree: Worktree, facts: [String: StepFacts], signature: Signature, lane: BlockingLane
    ) async throws -> GateBinding {
        let outputs = digest(of: facts)
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
