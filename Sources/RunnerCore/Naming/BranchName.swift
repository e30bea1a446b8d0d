/// Checks names of branches and tags.
package enum BranchName {
    private static let reserved: Set<String> = [
        "head", "fetch_head", "orig_head", "merge_head", "cherry_pick_head", "revert_head", "bisect_head",
        "rebase_head", "auto_merge",
    ]

    /// Why `name` cannot be a branch or tag, in one sentence that does not repeat it; nil where it can.
    ///
    /// Whatever is allowed, `git check-ref-format --branch` allows too.
    package static func validate(_ name: String) -> String? {
        let subject = "the branch or tag name"
        if let refusal = RefText.refusal(of: name, subject: subject) { return refusal }
        if reserved.contains(name.lowercased()) {
            return "\(subject) is one that git keeps for itself; give another name"
        }
        if name.utf8.starts(with: "refs/".utf8) { return "\(subject) starts with \"refs/\"; give the short name" }
        if [40, 64].contains(name.utf8.count), name.allSatisfy(\.isHexDigit) {
            return "\(subject) looks like a commit id; give another name"
        }
        return nil
    }
}
