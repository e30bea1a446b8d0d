/// What changed between two trees, file by file, with the totals.
package struct DiffSummary: Sendable, Hashable {
    package struct File: Sendable, Hashable {
        package enum Status: String, Sendable, Hashable, CaseIterable {
            case added, deleted, modified, renamed, copied
            /// Another kind of thing, as a file that became a link.
            case typeChanged = "type_changed"
        }

        /// The new path, or the old one of a deleted file, for display: what is not UTF-8 is replaced.
        package var path: String { String(decoding: pathBytes, as: UTF8.self) }
        package let pathBytes: [UInt8]
        /// Where a renamed or copied file came from.
        package let oldPathBytes: [UInt8]?
        package let status: Status
        package let insertions: Int
        package let deletions: Int
        package let isBinary: Bool
    }

    package let files: [File]
    package var filesChanged: Int { files.count }
    package var insertions: Int { files.reduce(0) { $0 + $1.insertions } }
    package var deletions: Int { files.reduce(0) { $0 + $1.deletions } }
}
