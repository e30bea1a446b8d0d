/// One thing that `runner doctor` looked at.
package struct DoctorCheck: Sendable, Codable, Hashable {
    package enum Verdict: String, Sendable, Codable {
        case passed
        /// Not there, and only needed by some.
        case missing
        case failed
    }

    package let name: String
    package let verdict: Verdict
    /// What was found.
    package let detail: String
    /// What to do about it.
    package let advice: String?

    package init(name: String, verdict: Verdict, detail: String, advice: String? = nil) {
        self.name = name
        self.verdict = verdict
        self.detail = detail
        self.advice = advice
    }
}
