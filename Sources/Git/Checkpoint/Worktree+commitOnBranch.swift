import CLibgit2

extension Worktree {
    /// The operation that is unfinished in the worktree, if any.
    package func operationInProgress() throws(GitError) -> BranchCommit.Operation? {
        Self.operation(in: try open())
    }

    /// Commits everything in the worktree to `branch` (a short name) and leaves HEAD on it with a clean status.
    ///
    /// Nothing is committed when the branch holds it all already. An agent's own commits are kept: those on the branch
    /// as they are; those on another branch or a detached HEAD become history of `branch`, by moving it forward where
    /// that suffices and by a merge commit where not. While a merge, rebase or the like is unfinished, nothing changes.
    /// `known` is where the branch was last: what a branch that was deleted grows from.
    /// `beforeMoving` is asked when all is written and nothing has moved yet; what it throws leaves all as it was.
    /// For use between steps, when no agent runs in the worktree.
    package func commitOnBranch(
        _ branch: String, after known: ObjectID? = nil, message: String, author: Signature, committer: Signature,
        sizeLimit: Int = Checkpoint.sizeLimit, beforeMoving: () throws(GitError) -> Void = {}
    ) throws(GitError) -> BranchCommit {
        let reference = "refs/heads/" + branch
        let repository = try open()
        let tip = try repository.reference(reference)
        if let operation = Self.operation(in: repository) {
            return BranchCommit(outcome: .inProgress(operation), tip: tip, skipped: [], isIndexRefreshed: false)
        }
        let stage = try WorktreeStage.make(repository, path: path, sizeLimit: sizeLimit)
        let tree = try stage.index.writeTree(repository)
        let head = try repository.head()
        let parents = try repository.independent([tip ?? known, head.commit])
        let outcome: BranchCommit.Outcome
        if let parent = parents.first, parents.count == 1, try repository.treeID(of: parent) == tree {
            outcome = parent == tip ? .unchanged : .moved(parent)
        } else {
            let commit = try repository.createCommit(
                tree: tree, parents: parents, message: message, author: author, committer: committer)
            try HubDurability.writeOut(commit, of: repository)
            outcome = .committed(commit)
        }
        try beforeMoving()
        let newTip = try repository.advance(reference, from: tip, outcome, subject: message)
        if case .branch(reference, _) = head {} else { try setHead(reference, in: repository) }
        let isRefreshed = refreshIndex(stage)
        return BranchCommit(outcome: outcome, tip: newTip, skipped: stage.skipped, isIndexRefreshed: isRefreshed)
    }

    private func setHead(_ reference: String, in repository: borrowing GitRepository) throws(GitError) {
        try repository.setHead(toBranch: reference, log: "checkout: moving to \(reference)", adminPath: adminPath)
    }

    private func refreshIndex(_ stage: borrowing WorktreeStage) -> Bool {
        do throws(GitError) {
            try stage.index.write()
            return true
        } catch {
            // The commit stands and holds everything; only the staging area shows old differences.
            return false
        }
    }

    private static func operation(in repository: borrowing GitRepository) -> BranchCommit.Operation? {
        switch git_repository_state_t(UInt32(git_repository_state(repository.pointer))) {
        case GIT_REPOSITORY_STATE_MERGE: .merge
        case GIT_REPOSITORY_STATE_REVERT, GIT_REPOSITORY_STATE_REVERT_SEQUENCE: .revert
        case GIT_REPOSITORY_STATE_CHERRYPICK, GIT_REPOSITORY_STATE_CHERRYPICK_SEQUENCE: .cherryPick
        case GIT_REPOSITORY_STATE_BISECT: .bisect
        case GIT_REPOSITORY_STATE_REBASE, GIT_REPOSITORY_STATE_REBASE_INTERACTIVE,
            GIT_REPOSITORY_STATE_REBASE_MERGE:
            .rebase
        case GIT_REPOSITORY_STATE_APPLY_MAILBOX, GIT_REPOSITORY_STATE_APPLY_MAILBOX_OR_REBASE: .applyMailbox
        default: nil
        }
    }
}

extension GitRepository {
    /// The commits of `ids` that are in the history of no other, in order and once each.
    func independent(_ ids: [ObjectID?]) throws(GitError) -> [ObjectID] {
        var kept: [ObjectID] = []
        for id in ids.compactMap({ $0 }) where !kept.contains(id) {
            var isCovered = false
            var others: [ObjectID] = []
            for other in kept {
                if try isDescendant(other, of: id) { isCovered = true }
                if try !isDescendant(id, of: other) { others.append(other) }
            }
            if !isCovered { kept = others + [id] }
        }
        return kept
    }

    /// Moves or creates a branch as `outcome` says and returns its tip; throws `.modified` when someone else moved it.
    fileprivate func advance(
        _ reference: String, from tip: ObjectID?, _ outcome: BranchCommit.Outcome, subject: String
    ) throws(GitError) -> ObjectID? {
        let target: ObjectID
        switch outcome {
        case .committed(let id), .moved(let id): target = id
        case .unchanged, .inProgress: return tip
        }
        let log = "commit: " + (subject.split(separator: "\n").first.map(String.init) ?? "")
        try StaleLock.retrying("\(commonDirectory)/\(reference).lock") { () throws(GitError) in
            if let tip {
                try updateReference(reference, to: target, expecting: tip, log: log)
            } else {
                try createReference(reference, at: target, log: log)
            }
        }
        return target
    }

    fileprivate func setHead(toBranch reference: String, log: String, adminPath: String) throws(GitError) {
        try StaleLock.retrying(adminPath + "/HEAD.lock") { () throws(GitError) in
            try setHead(toBranch: reference, log: log)
        }
    }
}
