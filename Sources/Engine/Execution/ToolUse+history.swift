import BlockingIO
import Foundation
import Git
import Glibc
import RunnerCore

/// The tools that change or follow the task's history.
extension ToolUse {
    func commit() async throws -> StepOutcome {
        let text = try value("message") ?? ""
        if let problem = try await unfinished() { return try await failed(problem) }
        if tool.with["squash"] == "true" { return try await squash(text) }
        var made = try await attemptCommit(text).outcome(.succeeded, StepFacts(status: .succeeded))
        let hasMoved = made.branchTip != job.attempt.branchBefore
        made.facts.outputs["commit"] = made.branchTip
        made.facts.result = hasMoved ? "committed \(made.branchTip?.prefix(10) ?? "")" : "there was nothing to commit"
        made.facts.summary = made.facts.result
        return made
    }

    /// Makes one commit of all that the task has made since its base, the worktree as it is included.
    private func squash(_ text: String) async throws -> StepOutcome {
        let (before, tip) = try await start()
        let worktree = job.worktree(workspace.home)
        let base = ObjectID(job.environment.baseCommit)
        let (repository, origin) = (job.repository.name, job.context.baseBranch)
        let message = attemptCommit(text).message()
        let signature = author.signature(at: Date())
        let made = try await workspace.lane.run { () -> (parent: ObjectID, end: ObjectID, count: Int)? in
            let git = try worktree.hub.open()
            guard let base, var parent = try git.mergeBase(base, tip) else { return nil }
            // What the task has merged of its base branch since then is not the task's.
            let finder = BaseFinder(repository: repository, name: origin, isBranch: true)
            let now = origin.isEmpty ? nil : try? finder.find(in: git).commit
            if let merged = try now.flatMap({ try git.mergeBase($0, tip) }), try git.isDescendant(merged, of: parent) {
                parent = merged
            }
            let tree = try git.treeID(of: before)
            let count = try git.count(from: parent, to: tip)
            guard try tree != git.treeID(of: parent) else { return (parent, parent, count) }
            let end = try git.createCommit(
                tree: tree, parents: [parent], message: message, author: signature, committer: signature)
            return (parent, end, count)
        }
        guard let made else { return try await failed("the branch has nothing in common with the task's base") }
        try await move(to: made.end, tip: made.end, log: "commit: squashed by \(job.step.id)")
        let result =
            made.end == made.parent
            ? "nothing is left of \(made.count) commits" : "\(made.count) commits are one, \(made.end.short)"
        var outcome = try await succeeded(result, outputs: ["commit": made.end.hex])
        outcome.base = made.parent.hex
        return outcome
    }

    func fetch() async throws -> StepOutcome {
        let repository = try await workspace.repositories.fetch(job.repository, progress: progress)
        let name = job.context.baseBranch
        guard !name.isEmpty else { return try await succeeded("\(repository.name) is up to date") }
        let tip = job.attempt.branchBefore.flatMap { ObjectID($0) }
        let hub = job.worktree(workspace.home).hub
        let (commit, behind) = try await workspace.lane.run {
            let git = try hub.open()
            let base = try BaseFinder(repository: repository.name, name: name, isBranch: true).find(in: git).commit
            return (base, try tip.map { try git.count(from: $0, to: base) } ?? 0)
        }
        return try await succeeded(
            "\(name) is at \(commit.short), \(behind) commits that the task lacks",
            outputs: ["branch": name, "commit": commit.hex, "behind": "\(behind)"])
    }

    func rebase() async throws -> StepOutcome {
        if let problem = try await unfinished() { return try await failed(problem) }
        let (before, tip) = try await start()
        let named = try value("onto")
        let asked = named ?? job.context.baseBranch
        guard !asked.isEmpty else {
            return try await failed("the task began at a commit, not at a branch; say \"with: { onto: … }\"")
        }
        if let problem = RevisionName.validate(asked) {
            return try await failed("\"\(asked)\" cannot name a base: \(problem)")
        }
        let worktree = job.worktree(workspace.home)
        let (repository, signature) = (job.repository.name, author.signature(at: Date()))
        let base = ObjectID(job.environment.baseCommit) ?? tip
        let (onto, isClean, rebase) = try await workspace.lane.run {
            let git = try worktree.hub.open()
            let finder = BaseFinder(repository: repository, name: asked, isBranch: named == nil)
            let onto = try finder.find(in: git).commit
            let isClean = try git.treeID(of: before) == git.treeID(of: tip)
            return (onto, isClean, isClean ? try git.rebase(tip, since: base, onto: onto, committer: signature) : nil)
        }
        guard isClean, let rebase else {
            return try await failed("the worktree has changes that are in no commit; put a \"tool: commit\" before it")
        }
        switch rebase {
        case .conflict(let commit, let files):
            return try await failed(
                "\(commit.short) conflicts with \(asked) in \(files.prefix(20).joined(separator: ", ")); nothing was changed"
            )
        case .merge(let commit):
            return try await failed(
                "the branch holds a merge, \(commit.short), and a rebase would lose what was resolved in it; "
                    + "put a \"tool: commit\" with \"squash: true\" before it")
        case .written(let end, let count):
            if let path = try await overwritten(from: before, to: end, in: worktree) {
                return try await failed(
                    "\(asked) brings the file \(path), which the worktree has outside of Git; nothing was changed")
            }
            if end != tip { try await move(to: end, tip: end, log: "rebase: onto \(asked)") }
            var made = try await succeeded(
                end == tip ? "\(asked) has nothing new" : "\(count) commits are on top of \(asked), \(onto.short)",
                outputs: ["commit": end.hex, "base": onto.hex, "commits": "\(count)"])
            made.base = onto.hex
            return made
        }
    }

    /// Says which merge, rebase or the like a step has left unfinished.
    private func unfinished() async throws -> String? {
        let worktree = job.worktree(workspace.home)
        guard worktree.directoryExists,
            let operation = try await workspace.lane.run({ try worktree.operationInProgress() })
        else { return nil }
        return "a \(operation.rawValue) is unfinished in the worktree; a step before must end it or give it up"
    }

    /// A file that would be written over although no commit has what is there, as an ignored one.
    private func overwritten(from before: ObjectID, to end: ObjectID, in worktree: Worktree) async throws -> String? {
        try await workspace.lane.run {
            let found = try Git.Diff.between(try worktree.hub.open(), from: before, to: end)
            return found.files.first {
                $0.status != .deleted && $0.status != .modified && access(worktree.path + "/" + $0.path, F_OK) == 0
            }?.path
        }
    }

    /// The commit that holds the worktree and the one that the branch stands at, as they were when the attempt began.
    private func start() async throws -> (worktree: ObjectID, tip: ObjectID) {
        guard let tip = try await begunTip() else {
            throw EngineError(.wrongState, "the branch \(job.environment.branch) is gone", hint: nil)
        }
        return (job.attempt.commitBefore.flatMap { ObjectID($0) } ?? tip, tip)
    }
}
