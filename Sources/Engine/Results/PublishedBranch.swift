/// A branch as it stands at an origin now.
package struct PublishedBranch: Sendable, Codable, Hashable {
    package let branch: String
    package let commit: String
    /// The origin's URL or path.
    package let destination: String
}
