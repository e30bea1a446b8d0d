import Glibc

extension ClusterError {
    /// The error for a failed system call on `path`; read `errno` before anything else can change it.
    static func system(_ operation: String, path: String, errno number: Int32) -> ClusterError {
        let reason = String(cString: strerror(number)).lowercased()
        let message = "\"\(path)\": \(reason)"
        return switch number {
        case ENOSPC, EDQUOT: diskFull(operation, message: message)
        case EACCES, EPERM, EROFS, ENOTDIR:
            ClusterError(
                code: .notWritable, operation: operation, message: message,
                hint: "make the folder writable, or set RUNNER_HOME to another one")
        default: ClusterError(code: .createFailed, operation: operation, message: message, hint: "")
        }
    }

    static func diskFull(_ operation: String, message: String) -> ClusterError {
        ClusterError(
            code: .diskFull, operation: operation, message: message,
            hint: "free some disk space, or set RUNNER_HOME to a folder on another disk")
    }
}
