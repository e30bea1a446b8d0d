import CLibgit2

/// Finds out whether branches are merged into one target, also by squash, rebase and cherry-pick.
///
/// The target's history is walked once, no further than the oldest branch point, and each of its patches is computed
/// at most once, and only when a branch touches the very same files. Patch identity is that of `git patch-id`, with
/// the ids of binary contents beside it. What cannot be told within the limits counts as not merged.
package final class MergedSearch {
    private struct Node {
        let parents: [ObjectID]
        let tree: ObjectID
        let time: Int64
    }

    /// Commits of the target, and of one branch, that are looked at.
    private static let limits = (target: 100_000, branch: 2_000)
    /// Commit dates are not in order everywhere.
    private static let slack: Int64 = 2 * 86_400

    private let repository: GitRepository
    private let walk: OpaquePointer
    private var isWalked = false
    /// All of the target's history, the newest last, where it has a boundary that libgit2 cannot walk up to.
    private var shallow: [ObjectID]?
    private var nodes: [ObjectID: Node] = [:]
    private var history: Set<ObjectID> = []
    private var oldest = Int64.max
    private var byTree: [ObjectID: [ObjectID]] = [:]
    private var unindexed: [ObjectID] = []
    private var byShape: [[UInt8]: [ObjectID]] = [:]
    private var patches: [ObjectID: PatchIdentity?] = [:]

    package init(hub: Hub, target: ObjectID) throws(GitError) {
        repository = try hub.open()
        walk = try gitPointer("walk the history") { [repository = repository.pointer] in
            git_revwalk_new(&$0, repository)
        }
        do throws(GitError) {
            try git("walk the history") { git_revwalk_sorting(walk, GIT_SORT_TIME.rawValue) }
            var oid = target.oid
            try git("walk from \(target.short)") { git_revwalk_push(walk, &oid) }
        } catch {
            git_revwalk_free(walk)
            throw error
        }
        guard repository.isShallow else { return }
        shallow = []
        let present = try repository.presentHistory(of: [target])
        for commit in present { _ = try node(commit) }
        shallow = present.sorted { (nodes[$0]?.time ?? 0) < (nodes[$1]?.time ?? 0) }
    }

    deinit { git_revwalk_free(walk) }

    /// How the target has the changes of the branch that ends at `tip`; nil when it has them not, or not all.
    package func evidence(for tip: ObjectID) throws(GitError) -> MergeEvidence? {
        guard let (range, boundaries) = try range(of: tip) else { return nil }
        if range.isEmpty { return .ancestor }
        guard let base = try branchPoint(of: tip, boundaries) else { return nil }
        let end = try node(tip)
        if try node(base).tree == end.tree { return .unchanged }
        for commit in byTree[end.tree] ?? [] where try isSince(base, commit) { return .sameFiles(commit) }
        try indexShapes()
        if let commit = try match(from: try node(base).tree, to: end.tree, since: base) { return .squashed(commit) }
        for commit in range {
            let here = try node(commit)
            // A merge's own changes cannot be told from those it brings in.
            guard here.parents.count == 1, let parent = here.parents.first else { return nil }
            let before = try node(parent).tree
            if before == here.tree { continue }
            guard try match(from: before, to: here.tree, since: base) != nil else { return nil }
        }
        return .picked(range.count)
    }

    /// The commits that the target does not have, and those of the target that they grew from.
    private func range(of tip: ObjectID) throws(GitError) -> (commits: [ObjectID], boundaries: Set<ObjectID>)? {
        var pending = [tip]
        var seen: Set<ObjectID> = [tip]
        var commits: [ObjectID] = []
        var boundaries: Set<ObjectID> = []
        while let commit = pending.popLast() {
            if try isInHistory(commit) {
                boundaries.insert(commit)
                continue
            }
            commits.append(commit)
            guard commits.count <= Self.limits.branch else { return nil }
            for parent in try node(commit).parents where seen.insert(parent).inserted { pending.append(parent) }
        }
        return (commits, boundaries)
    }

    private func branchPoint(of tip: ObjectID, _ boundaries: Set<ObjectID>) throws(GitError) -> ObjectID? {
        guard boundaries.count > 1 else { return boundaries.first }
        // The target was merged into the branch: the last of those points is where it differs from. By descent first, as
        // commits of one second have one time.
        var best: (commit: ObjectID, time: Int64)?
        for commit in boundaries.sorted(by: { $0.hex < $1.hex }) {
            let time = try node(commit).time
            guard let known = best else {
                best = (commit, time)
                continue
            }
            if try repository.isDescendant(known.commit, of: commit) { continue }
            let isLater = try repository.isDescendant(commit, of: known.commit)
            if isLater || time > known.time { best = (commit, time) }
        }
        return best?.commit
    }

    private func isInHistory(_ commit: ObjectID) throws(GitError) -> Bool {
        if history.contains(commit) { return true }
        let time = try node(commit).time
        while !isWalked, oldest >= time - Self.slack, history.count < Self.limits.target { try walkOn() }
        return history.contains(commit)
    }

    private func walkOn() throws(GitError) {
        guard let commit = try next() else {
            isWalked = true
            return
        }
        let node = try node(commit)
        history.insert(commit)
        oldest = min(oldest, node.time)
        byTree[node.tree, default: []].append(commit)
        if node.parents.count < 2 { unindexed.append(commit) }
    }

    private func next() throws(GitError) -> ObjectID? {
        if shallow != nil { return shallow?.popLast() }
        var oid = git_oid()
        let result = git_revwalk_next(&oid, walk)
        if result == GIT_ITEROVER.rawValue { return nil }
        try git("walk the history") { result }
        return ObjectID(oid)
    }

    private func node(_ commit: ObjectID) throws(GitError) -> Node {
        if let known = nodes[commit] { return known }
        let pointer = try repository.commit(commit)
        defer { git_commit_free(pointer) }
        var parents: [ObjectID] = []
        for position in 0..<git_commit_parentcount(pointer) {
            guard let id = git_commit_parent_id(pointer, position).map({ ObjectID($0.pointee) }) else { continue }
            if shallow != nil, try !repository.hasCommit(id) { continue }
            parents.append(id)
        }
        guard let tree = git_commit_tree_id(pointer) else {
            throw GitError(code: .generic, operation: "read commit \(commit.short)", message: "it has no tree")
        }
        let node = Node(parents: parents, tree: ObjectID(tree.pointee), time: Int64(git_commit_time(pointer)))
        nodes[commit] = node
        return node
    }

    /// A commit from before the branch point says nothing: its change may have been undone since.
    private func isSince(_ base: ObjectID, _ commit: ObjectID) throws(GitError) -> Bool {
        guard commit != base else { return false }
        return try !repository.isDescendant(base, of: commit)
    }

    private func indexShapes() throws(GitError) {
        for commit in unindexed {
            let here = try node(commit)
            let before = try here.parents.first.map { (parent) throws(GitError) in try node(parent).tree }
            let shape = try TreeDifference(repository, from: before, to: here.tree).shape
            byShape[shape, default: []].append(commit)
        }
        unindexed = []
    }

    /// The commit of the target that makes the change between two trees.
    private func match(from: ObjectID, to: ObjectID, since base: ObjectID) throws(GitError) -> ObjectID? {
        let difference = try TreeDifference(repository, from: from, to: to)
        guard let candidates = byShape[difference.shape] else { return nil }
        guard let wanted = try difference.identity() else { return nil }
        for commit in candidates where try identity(of: commit) == wanted {
            if try isSince(base, commit) { return commit }
        }
        return nil
    }

    private func identity(of commit: ObjectID) throws(GitError) -> PatchIdentity? {
        if let known = patches[commit] { return known }
        let here = try node(commit)
        let before = try here.parents.first.map { (parent) throws(GitError) in try node(parent).tree }
        let identity = try TreeDifference(repository, from: before, to: here.tree).identity()
        patches[commit] = .some(identity)
        return identity
    }
}
