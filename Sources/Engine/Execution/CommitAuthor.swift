import Foundation
import Git
import RunnerCore
import Subprocess
import SystemPackage

/// Who the runner's commits are by: the person as their Git configuration names them, else `runner`.
struct CommitAuthor: Sendable, Hashable {
    let name: String
    let email: String

    static let runner = CommitAuthor(name: "runner", email: "runner@localhost")

    func signature(at date: Date) -> Signature {
        Signature(
            name: name, email: email, date: date, offsetMinutes: TimeZone.current.secondsFromGMT(for: date) / 60)
    }

    init?(checking name: String?, _ email: String?) {
        // Angle brackets and line ends would break the commit's header.
        func cleaned(_ text: String?) -> String {
            (text ?? "").filter { !"<>\n\r\0".contains($0) }.trimmingCharacters(in: .whitespaces)
        }
        let (name, email) = (cleaned(name), cleaned(email))
        guard !name.isEmpty, !email.isEmpty else { return nil }
        self.init(name: name, email: email)
    }

    private init(name: String, email: String) {
        self.name = name
        self.email = email
    }
}
