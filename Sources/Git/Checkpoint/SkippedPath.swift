/// A path that a checkpoint could not hold as it is on disk, and why.
package struct SkippedPath: Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        /// A repository of its own inside the worktree; its content is not recorded.
        case nestedRepository
        /// A socket, a pipe or a device.
        case special
        /// A regular file above the size limit, in bytes.
        case tooLarge(Int)
        /// It could not be read; the cause in the system's words.
        case unreadable(String)
        /// A name that no index may hold, as a look-alike of `.git`.
        case unsafeName
    }

    package let path: BytePath
    package let reason: Reason
}

extension SkippedPath: CustomStringConvertible {
    package var description: String {
        let cause =
            switch reason {
            case .nestedRepository: "a Git repository of its own"
            case .special: "not a regular file"
            case .tooLarge(let size): "too large (\(size) bytes)"
            case .unreadable(let cause): "not readable: \(cause)"
            case .unsafeName: "a name that Git refuses"
            }
        return "\(path) (\(cause))"
    }
}
