import CLibgit2
package import Foundation

/// Who made a commit and when; the date comes from the caller, for Git asks no clock.
package struct Signature: Sendable, Hashable {
    package var name: String
    package var email: String
    /// Kept to the second.
    package var date: Date
    /// Minutes east of UTC that the commit shows.
    package var offsetMinutes: Int

    package init(name: String, email: String, date: Date, offsetMinutes: Int = 0) {
        self.name = name
        self.email = email
        self.date = date
        self.offsetMinutes = offsetMinutes
    }

    /// The signature for libgit2; the caller frees it with `git_signature_free`.
    func make() throws(GitError) -> UnsafeMutablePointer<git_signature> {
        var pointer: UnsafeMutablePointer<git_signature>?
        try git("make a signature for '\(name)'") {
            git_signature_new(
                &pointer, name, email, git_time_t(date.timeIntervalSince1970.rounded(.down)), Int32(offsetMinutes))
        }
        guard let pointer else { throw GitError(code: .generic, operation: "make a signature", message: "no result") }
        return pointer
    }

    init(_ signature: git_signature) {
        self.init(
            name: signature.name.map { String(cString: $0) } ?? "",
            email: signature.email.map { String(cString: $0) } ?? "",
            date: Date(timeIntervalSince1970: TimeInterval(signature.when.time)),
            offsetMinutes: Int(signature.when.offset))
    }
}
