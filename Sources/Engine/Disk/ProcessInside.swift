/// A process that holds on to a directory.
package struct ProcessInside: Sendable, Hashable {
    package enum Hold: String, Sendable, CaseIterable {
        case workingDirectory = "its working directory"
        case root = "its root directory"
        case executable = "its program"
        case file = "an open file"
        /// It could not be looked at, so it may or may not.
        case unknown = "something that cannot be seen"
    }

    package let pid: Int32
    package let command: String
    package let hold: Hold
    /// True when it runs as the user who asked.
    package let isOwn: Bool
    /// Seconds since the epoch; nil when unknown.
    package let started: Int64?
}
