import Git
import RunnerCore

/// The submodules of one commit whose objects are all in clones of ours, with those inside them.
struct SubmoduleTree: Sendable {
    struct Node: Sendable {
        let name: String
        /// Relative to what holds it.
        let path: String
        let commit: ObjectID
        /// Its origin; nil where the policy refuses that.
        let url: String?
        let hub: Hub
        let inner: SubmoduleTree
    }

    var nodes: [Node] = []

    /// Checks everything out into a worktree that was just made at the commit; blocks.
    func checkOut(in worktree: Worktree) throws(GitError) {
        for node in nodes {
            try Self.checkOut(node, Submodule(node.name, at: node.path, of: worktree, objects: node.hub))
        }
    }

    private static func checkOut(_ node: Node, _ submodule: Submodule) throws(GitError) {
        try submodule.checkOut(node.commit, url: node.url)
        for inner in node.inner.nodes {
            try checkOut(inner, Submodule(inner.name, at: inner.path, of: submodule, objects: inner.hub))
        }
    }
}
