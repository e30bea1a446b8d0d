package import RunnerCore

/// What is recorded of an agent together with the end of its attempt.
package struct AgentFinish: Sendable {
    /// A limit of the account: no step begins with it before `delay` is over.
    package struct Limit: Sendable, Hashable {
        /// From now, by the server's clock.
        package var delay: Duration
        package var reason: String

        package init(delay: Duration, reason: String) {
            self.delay = delay
            self.reason = reason
        }
    }

    package var agent: String
    /// The agent and a fingerprint of its credential.
    package var account: String?
    package var resumedSession: String?
    /// What the session had used before; only with `resumedSession`.
    package var baseline: JSONValue?
    /// What the session has used by now.
    package var totals: JSONValue?
    /// Lines that its decoder was shown of the files it left.
    package var reports: String?
    package var turns: Int?
    package var retries: Int
    /// Version of the price table.
    package var prices: String?
    package var usage: [UsageEntry]
    package var limit: Limit?

    package init(
        agent: String, account: String? = nil, resumedSession: String? = nil, baseline: JSONValue? = nil,
        totals: JSONValue? = nil, reports: String? = nil, turns: Int? = nil, retries: Int = 0, prices: String? = nil,
        usage: [UsageEntry] = [], limit: Limit? = nil
    ) {
        self.agent = agent
        self.account = account
        self.resumedSession = resumedSession
        self.baseline = baseline
        self.totals = totals
        self.reports = reports
        self.turns = turns
        self.retries = retries
        self.prices = prices
        self.usage = usage
        self.limit = limit
    }
}
