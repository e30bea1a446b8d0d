import CLibgit2
import Glibc

/// A failed call of libgit2, or of ours beside it, with what was being done.
package struct GitError: Error, Hashable, CustomStringConvertible {
    /// The error codes of libgit2 (git2/errors.h) that callers tell apart.
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: Int32
        package init(rawValue: Int32) { self.rawValue = rawValue }

        package static let generic = Code(rawValue: -1)
        package static let notFound = Code(rawValue: -3)
        package static let exists = Code(rawValue: -4)
        package static let ambiguous = Code(rawValue: -5)
        package static let invalidName = Code(rawValue: -12)
        package static let conflict = Code(rawValue: -13)
        package static let locked = Code(rawValue: -14)
        /// A reference or a file did not have the expected value.
        package static let modified = Code(rawValue: -15)
        /// The disk or a quota is full; no code of libgit2, which only says so in words.
        package static let diskFull = Code(rawValue: -1028)
        /// The process or the machine lacks descriptors or memory, or the disk fails: it says nothing about the file.
        package static let shortage = Code(rawValue: -1029)
    }

    package let code: Code
    /// The class of libgit2 (`git_error_t`), 0 when the error is ours.
    package let klass: Int32
    /// What was tried, as `create reference 'refs/heads/x'`.
    package let operation: String
    /// The cause, in the words of libgit2 or of the system.
    package let message: String

    package init(code: Code, klass: Int32 = 0, operation: String, message: String) {
        self.code = code
        self.klass = klass
        self.operation = operation
        self.message = message
    }

    package var description: String { "could not \(operation): \(message)" }

    /// Takes the last error of libgit2 on this thread and clears it.
    static func last(code: Int32, operation: String) -> GitError {
        defer { git_error_clear() }
        guard let last = git_error_last(), let message = last.pointee.message else {
            return GitError(code: Code(rawValue: code), operation: operation, message: "libgit2 error \(code)")
        }
        let text = String(cString: message)
        let isFull =
            text.contains(String(cString: strerror(ENOSPC))) || text.contains(String(cString: strerror(EDQUOT)))
        return GitError(
            code: isFull ? .diskFull : Code(rawValue: code), klass: last.pointee.klass, operation: operation,
            message: text)
    }
}
