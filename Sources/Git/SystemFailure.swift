import Glibc

/// The words of the C library for its error numbers.
enum SystemFailure {
    static func text(_ number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}

extension GitError {
    /// An error of a system call: `number` is the value of errno right after it.
    static func system(_ operation: String, errno number: Int32) -> GitError {
        let code: Code =
            switch number {
            case ENOENT: .notFound
            case EEXIST, ENOTEMPTY: .exists
            case ENOSPC, EDQUOT: .diskFull
            case EMFILE, ENFILE, ENOMEM, EIO: .shortage
            default: .generic
            }
        return GitError(code: code, operation: operation, message: SystemFailure.text(number))
    }
}
