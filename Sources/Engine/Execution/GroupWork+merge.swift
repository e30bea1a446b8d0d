import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore

extension GroupWork {
    /// Merges the branches of all candidates, in their order, into the run's branch.
    ///
    /// Each is merged by a commit with both parents. Where files conflict they hold the usual markers, and it is up to the
    /// next step to resolve them; when there is none, nothing is changed and the step fails.
    func merge(_ candidates: [CandidateView], mayConflict: Bool) async throws -> StepOutcome {
        let worktree = job.worktree(workspace.home)
        guard var tip = try await begunTip() else {
            return try await failed("the branch \(job.environment.branch) is gone")
        }
        var conflicts: [String] = []
        for candidate in candidates {
            guard let branch = candidate.branch, let other = try await self.tip(of: branch) else {
                return try await failed("candidate \(candidate.number) has left no branch")
            }
            let merged = try await merged(tip, other)
            guard let tree = merged.tree else {
                return try await failed("task \(candidate.task) cannot be merged: \(merged.message)")
            }
            for file in merged.conflicts where !conflicts.contains(file) { conflicts.append(file) }
            // One that changed nothing, or is there already, needs no commit.
            if merged.isContained { continue }
            let (signature, parent) = (author.signature(at: Date()), tip)
            let message = "merge: task \(candidate.task) of \(job.step.id)\n"
            tip = try await workspace.lane.run {
                try worktree.hub.open().createCommit(
                    tree: tree, parents: [parent, other], message: message, author: signature, committer: signature)
            }
        }
        let names = conflicts.prefix(20).joined(separator: ", ")
        if !conflicts.isEmpty, !mayConflict {
            return try await failed(
                "in conflict: \(names); give \"merge\" a step \"resolve\", or let the steps follow each other"
            )
        }
        try await move(to: tip, tip: tip, log: "merge: \(job.step.id)")
        let text =
            conflicts.isEmpty
            ? "merged \(candidates.count) branches" : "merged \(candidates.count) branches; in conflict: \(names)"
        return try await outcome(
            .succeeded,
            StepFacts(
                status: .succeeded,
                outputs: ["conflicts": "\(conflicts.count)", "files": conflicts.joined(separator: "\n")],
                summary: text, result: text))
    }

    /// Fails while a file that was in conflict still holds the markers.
    func checkResolved(_ files: [String]) async throws -> StepOutcome {
        let root = Array((job.environment.worktreePath + "/").utf8)
        let left = files.filter { ConflictMarkers.areLeft(in: root + ConflictName(text: $0).bytes) }
        guard left.isEmpty else {
            return try await failed(
                "conflict markers are still in \(left.prefix(20).joined(separator: ", "))")
        }
        let text = "\(files.count) files that were in conflict are resolved"
        return try await outcome(.succeeded, StepFacts(status: .succeeded, summary: text, result: text))
    }

    private struct Merged {
        /// Nil: Git could not merge at all.
        var tree: ObjectID?
        var conflicts: [String] = []
        var message = ""
        var isContained = false
    }

    /// The tree that both give together, in the hub, where no agent's configuration is.
    private func merged(_ own: ObjectID, _ other: ObjectID) async throws -> Merged {
        let hub = job.worktree(workspace.home).hub
        if try await workspace.lane.run({ try own == other || hub.open().isDescendant(own, of: other) }) {
            return Merged(tree: own, isContained: true)
        }
        try await workspace.repositories.secureHub(job.repository)
        let git = GitCommand(transports: "none", environment: workspace.settings.environment)
        let answer = try await git.run(
            [
                "-c", "core.quotePath=true", "merge-tree", "--write-tree", "--name-only", "--no-messages", own.hex,
                other.hex,
            ], in: hub.path)
        let parts = answer.standardOutput.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard answer.status == 0 || answer.status == 1, let tree = parts.first.flatMap({ ObjectID($0) }) else {
            let cause = answer.messages.split(separator: "\n").first.map(String.init)
            return Merged(message: cause ?? "git gave no reason")
        }
        let names = parts.dropFirst().prefix { !$0.isEmpty }
        return Merged(tree: tree, conflicts: names.map { ConflictName(git: $0).text })
    }
}
