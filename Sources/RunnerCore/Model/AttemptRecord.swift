package import Foundation

/// One try at a step: the unit of history.
package struct AttemptRecord: Sendable, Hashable, Codable {
    package var id: AttemptID
    package var stepID: StepID
    /// 1 for the first try.
    package var number: Int
    package var agent: String?
    package var agentSessionID: String?
    package var status: AttemptStatus
    package var exitCode: Int?
    package var signal: Int?
    package var input: JSONValue
    package var output: JSONValue
    package var commitBefore: String?
    package var commitAfter: String?
    /// Where the branch stood before: what an interrupted attempt is taken back to.
    package var branchBefore: String?
    package var filesChanged: Int?
    package var insertions: Int?
    package var deletions: Int?
    package var model: String?
    package var usage: TokenUsage?
    /// Nil when nothing said what it cost; never 0 for unknown.
    package var costUSD: Double?
    /// Bytes of output that the program wrote, kept or not.
    package var outputBytes: Int?
    /// SHA-256, in hex, of what was kept of standard output and then of standard error.
    package var outputSHA256: String?
    package var log: AttemptLogSize?
    /// When the output was removed by the retention of logs.
    package var logRemovedAt: Date?
    /// Nil when the command and all it had started ended by themselves.
    package var stop: AttemptStop?
    package var startedAt: Date
    package var finishedAt: Date?
    package var durationMilliseconds: Int?
    package var error: String?
    /// What kind of failure it was, when more is known than that it failed.
    package var failureClass: FailureClass?
    /// When the limit that ended it is over, as far as the service said.
    package var retryAt: Date?

    /// Which of its step's agents made it: 0 its own, then the entries of its `fallback`.
    package var fallbackIndex: Int { input["fallback"]?.intValue ?? 0 }

    package init(
        id: AttemptID = .init(), stepID: StepID, number: Int, agent: String? = nil, agentSessionID: String? = nil,
        status: AttemptStatus = .running, exitCode: Int? = nil, signal: Int? = nil, input: JSONValue = .object([:]),
        output: JSONValue = .object([:]), commitBefore: String? = nil, commitAfter: String? = nil,
        branchBefore: String? = nil, filesChanged: Int? = nil, insertions: Int? = nil, deletions: Int? = nil,
        model: String? = nil, usage: TokenUsage? = nil, costUSD: Double? = nil, outputBytes: Int? = nil,
        outputSHA256: String? = nil, log: AttemptLogSize? = nil, logRemovedAt: Date? = nil, stop: AttemptStop? = nil,
        startedAt: Date = .distantPast,
        finishedAt: Date? = nil, durationMilliseconds: Int? = nil, error: String? = nil,
        failureClass: FailureClass? = nil, retryAt: Date? = nil
    ) {
        self.id = id
        self.stepID = stepID
        self.number = number
        self.agent = agent
        self.agentSessionID = agentSessionID
        self.status = status
        self.exitCode = exitCode
        self.signal = signal
        self.input = input
        self.output = output
        self.commitBefore = commitBefore
        self.commitAfter = commitAfter
        self.branchBefore = branchBefore
        self.filesChanged = filesChanged
        self.insertions = insertions
        self.deletions = deletions
        self.model = model
        self.usage = usage
        self.costUSD = costUSD
        self.outputBytes = outputBytes
        self.outputSHA256 = outputSHA256
        self.log = log
        self.logRemovedAt = logRemovedAt
        self.stop = stop
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.durationMilliseconds = durationMilliseconds
        self.error = error
        self.failureClass = failureClass
        self.retryAt = retryAt
    }
}
