/// Checks what a person gives to name a commit: a branch, a tag, a full ref, `HEAD` or a commit id.
package enum RevisionName {
    /// Why `text` cannot name a commit, in one sentence that does not repeat it; nil where it can.
    ///
    /// Expressions such as `HEAD~2`, `main@{1}` and ranges are refused.
    package static func validate(_ text: String) -> String? {
        RefText.refusal(of: text, subject: "the revision")
    }
}
