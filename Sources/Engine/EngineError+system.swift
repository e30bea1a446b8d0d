import Glibc

extension EngineError {
    /// The error for a system call that failed for want of something: space, open files, permission.
    ///
    /// `message` says what could not be done, and gets the system's reason; `number` is errno right after the call.
    /// `advice` is for all but too little space and too many open files.
    static func system(_ message: String, errno number: Int32, advice: String? = nil) -> EngineError {
        let reason = String(cString: strerror(number)).lowercased()
        if number == ENOSPC || number == EDQUOT { return EngineError(.diskFull, "\(message) (\(reason))") }
        let isForbidden = [EACCES, EPERM, EROFS, ENOTDIR].contains(number)
        let usual = isForbidden ? "make it writable, or set RUNNER_HOME to another folder" : nil
        return EngineError(
            .homeUnusable, "\(message) (\(reason))", hint: openFilesHint(for: number) ?? advice ?? usual)
    }

    /// What to do where a system call failed with this errno for too many open files; nil for every other.
    package static func openFilesHint(for number: Int32) -> String? {
        switch number {
        case EMFILE: "allow more open files: ulimit -n 4096"
        case ENFILE: "the whole machine has too many files open: end what you can do without"
        default: nil
        }
    }
}
