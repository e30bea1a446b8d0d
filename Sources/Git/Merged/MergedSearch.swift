import CLibgit2
import HeapModule

/// Finds out whether branches are merged into one target, also by squash, rebase and cherry-pick.
///
/// The target's history is walked once, no further than the oldest branch point, and each of its patches is computed
/// at most once, and only when a branch touches the very same files. Patch identity is that of `git patch-id`, with
/// the ids of binary contents beside it. What cannot be told within the limits counts as not merged.
package final class MergedSearch {
    struct Node {
        let parents: [ObjectID]
        let tree: ObjectID
        let time: Int64
    }

    /// Commits of the target, and of one branch, that are looked at.
    private static let limits = (target: 100_000, branch: 2_000)
    /// Commit dates are not in order everywhere: clocks are wrong by some time, and a few commits have any date at all.
    private static let (slack, patience): (Int64, Int) = (2 * 86_400, 1_000)

    private let repository: GitRepository
    private let isShallow: Bool
    /// What was met in the target's history and not walked yet.
    private var frontier = Heap<DatedCommit>()
    private var met: Set<ObjectID>
    /// Commits walked since the frontier last had one that is new enough to matter.
    private var passed = 0
    private(set) var nodes: [ObjectID: Node] = [:]
    private var history: Set<ObjectID> = []
    private var byTree: [ObjectID: [ObjectID]] = [:]
    private var unindexed: [ObjectID] = []
    private var byShape: [[UInt8]: [ObjectID]] = [:]
    private var patches: [ObjectID: PatchIdentity?] = [:]

    package init(hub: Hub, target: ObjectID) throws(GitError) {
        repository = try hub.open()
        isShallow = repository.isShallow
        met = [target]
        frontier.insert(DatedCommit(id: target, time: try node(target).time))
    }

    /// How the target has the changes of the branch that ends at `tip`; nil when it has them not, or not all.
    package func evidence(for tip: ObjectID) throws(GitError) -> MergeEvidence? {
        guard let (range, boundaries) = try range(of: tip) else { return nil }
        if range.isEmpty { return .ancestor }
        guard let base = try branchPoint(of: tip, boundaries) else { return nil }
        let end = try node(tip)
        if try node(base).tree == end.tree { return .unchanged }
        for commit in byTree[end.tree] ?? [] where try isSince(base, commit) { return .sameFiles(commit) }
        try indexShapes(since: try node(base).time - Self.slack)
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

    /// Walks only as far as the commit can be: libgit2 reads the whole history before it gives the first commit by time.
    private func isInHistory(_ commit: ObjectID) throws(GitError) -> Bool {
        if history.contains(commit) { return true }
        let oldest = try node(commit).time - Self.slack
        while history.count < Self.limits.target, let newest = frontier.max {
            passed = newest.time >= oldest ? 0 : passed + 1
            guard passed <= Self.patience else { break }
            try walkOn()
        }
        return history.contains(commit)
    }

    private func walkOn() throws(GitError) {
        guard let commit = frontier.popMax()?.id else { return }
        let node = try node(commit)
        history.insert(commit)
        byTree[node.tree, default: []].append(commit)
        if node.parents.count < 2 { unindexed.append(commit) }
        for parent in node.parents where met.insert(parent).inserted {
            frontier.insert(DatedCommit(id: parent, time: try self.node(parent).time))
        }
    }

    private func node(_ commit: ObjectID) throws(GitError) -> Node {
        if let known = nodes[commit] { return known }
        let pointer = try repository.commit(commit)
        defer { git_commit_free(pointer) }
        var parents: [ObjectID] = []
        for position in 0..<git_commit_parentcount(pointer) {
            guard let id = git_commit_parent_id(pointer, position).map({ ObjectID($0.pointee) }) else { continue }
            if isShallow, try !repository.hasCommit(id) { continue }
            parents.append(id)
        }
        guard let tree = git_commit_tree_id(pointer) else {
            throw GitError(code: .generic, operation: "read commit \(commit.short)", message: "it has no tree")
        }
        // A date may be any number at all; what is taken from it is to stay one.
        let time = max(Int64(git_commit_time(pointer)), .min + Self.slack)
        let node = Node(parents: parents, tree: ObjectID(tree.pointee), time: time)
        nodes[commit] = node
        return node
    }

    /// A commit from before the branch point says nothing: its change may have been undone since.
    private func isSince(_ base: ObjectID, _ commit: ObjectID) throws(GitError) -> Bool {
        guard commit != base else { return false }
        return try !repository.isDescendant(base, of: commit)
    }

    private func indexShapes(since moment: Int64) throws(GitError) {
        var older: [ObjectID] = []
        for commit in unindexed {
            let here = try node(commit)
            guard here.time >= moment else {
                older.append(commit)
                continue
            }
            let before = try here.parents.first.map { (parent) throws(GitError) in try node(parent).tree }
            let shape = try TreeDifference(repository, from: before, to: here.tree).shape
            byShape[shape, default: []].append(commit)
        }
        unindexed = older
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
