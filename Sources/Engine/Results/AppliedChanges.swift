/// What `runner apply` put onto a checkout.
package struct AppliedChanges: Sendable, Codable, Hashable {
    package let directory: String
    package let files: Int
}
