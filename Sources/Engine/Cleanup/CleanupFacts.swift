package import Foundation

/// What speaks for and against the removal of a worktree, as a person would ask.
package struct CleanupFacts: Sendable, Codable, Hashable {
    /// The commit at the branch's tip.
    package var tip: String?
    /// Commits of the branch that its base does not have.
    package var commits: Int?
    /// Other references than the branch that hold the tip, beside the runner's own.
    package var heldBy: [String] = []
    /// Remote branches that hold the tip.
    package var pushedTo: [String] = []
    /// How the target has the branch's changes, as a sentence; nil when it has them not.
    package var merged: String?
    /// Changed, staged and untracked paths, at most twenty of them.
    package var dirtyPaths: [String] = []
    package var dirtyCount = 0
    package var processes: [String] = []
    package var locked: String?
    package var sizeBytes: Int?
    package var derivedBytes: Int?
    package var dueAt: Date?
    /// The deadline moves no further than this, whatever is done in the worktree.
    package var latest: Date?

    package init() {}

    /// One line each, for people.
    package var lines: [String] {
        var lines: [String] = []
        if let commits {
            let holders = pushedTo.isEmpty ? "not pushed" : "pushed: \(pushedTo.joined(separator: ", "))"
            lines.append(
                commits == 0 ? "no commits of its own" : "\(commits) commit\(commits == 1 ? "" : "s"), \(holders)")
        }
        if !heldBy.isEmpty { lines.append("held by \(heldBy.joined(separator: ", "))") }
        if let merged { lines.append("merged: \(merged)") }
        if dirtyCount > 0 {
            let shown = dirtyPaths.prefix(3).joined(separator: ", ")
            lines.append(
                "\(dirtyCount) uncommitted path\(dirtyCount == 1 ? "" : "s"): \(shown)\(dirtyCount > 3 ? ", …" : "")")
        }
        if let locked { lines.append("locked: \(locked)") }
        return lines
    }
}
