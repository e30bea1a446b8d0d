package import Git

/// The commit that a task starts from.
package struct Base: Sendable, Hashable {
    package let commit: ObjectID
    /// The branch or tag it was found by; nil for a bare commit.
    package let name: String?
}
