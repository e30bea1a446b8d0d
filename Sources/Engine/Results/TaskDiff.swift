/// The changes of a task or a step: counts for each file.
package struct TaskDiff: Sendable, Codable, Hashable {
    package struct File: Sendable, Codable, Hashable {
        /// Printable, for people.
        package let path: String
        package let status: String
        package let insertions: Int
        package let deletions: Int
        package let isBinary: Bool
    }

    package let from: String
    package let to: String
    package let filesChanged: Int
    package let insertions: Int
    package let deletions: Int
    package let files: [File]
}
