/// What it took to end an attempt's processes.
package struct AttemptStop: Sendable, Hashable, Codable {
    /// Why the runner stopped the command: `cancelled`, `timed_out_wall` or `timed_out_idle`; nil when it ended by itself.
    package var cause: String?
    /// What the command was sent, in order, as `SIGINT`, `SIGTERM`, `SIGKILL`.
    package var signals: [String]
    /// How processes were found: `cgroup` or `subreaper`.
    package var scope: String?
    /// Processes beside the command that had to be ended one by one.
    package var survivorsKilled: Int
    /// Processes that could not be ended.
    package var survivorsLeft: Int

    package init(cause: String?, signals: [String], scope: String?, survivorsKilled: Int, survivorsLeft: Int) {
        self.cause = cause
        self.signals = signals
        self.scope = scope
        self.survivorsKilled = survivorsKilled
        self.survivorsLeft = survivorsLeft
    }
}
