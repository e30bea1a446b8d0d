package import Agents

/// What was found of one agent on this machine; it holds names of keys, never their values.
package struct AgentExamination: Sendable, Codable, Hashable {
    package let name: String
    package var type = "development"
    package var evidence: AgentEvidence?
    package var reports: [AgentCapability] = []
    /// The file in which a person describes it, or its defaults.
    package var file: String?
    package var program: String?
    package var path: String?
    package var version: String?
    package var provenVersion: String?
    /// Variables and files that are there.
    package var credentials: [String] = []
    /// Variables and files of which one should be there.
    package var looksFor: [String] = []
    /// How long its account is closed by a limit, in seconds.
    package var closedSeconds: Double?
    package var closedReason: String?
    /// It can work now; `missing` where something is not there that only its users need.
    package var verdict = DoctorCheck.Verdict.passed
    /// What is wrong, each in a sentence.
    package var problems: [String] = []
    package var advice: String?

    init(name: String) {
        self.name = name
    }

    mutating func find(_ verdict: DoctorCheck.Verdict, _ problem: String, _ advice: String?) {
        if self.verdict != .failed { self.verdict = verdict }
        problems.append(problem)
        self.advice = self.advice ?? advice
    }
}
