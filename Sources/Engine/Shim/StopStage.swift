import Glibc

/// One try at ending a command well: a signal, to whom, and how long to wait before the next try.
package struct StopStage: Sendable, Hashable {
    /// Who gets the signal.
    package enum Scope: String, Sendable {
        /// The command's own process only, like a person's interrupt.
        case process
        /// The command's whole process group.
        case group
    }

    package var signal: Int32
    package var scope: Scope
    package var wait: Duration

    package init(signal: Int32, scope: Scope, wait: Duration) {
        self.signal = signal
        self.scope = scope
        self.wait = wait
    }

    /// SIGTERM to the group and `grace` to obey it.
    package static func terminate(grace: Duration = .seconds(10)) -> StopStage {
        StopStage(signal: SIGTERM, scope: .group, wait: grace)
    }

    /// SIGINT to the agent's own process, which many agents answer with an orderly end.
    package static func interrupt(wait: Duration = .seconds(5)) -> StopStage {
        StopStage(signal: SIGINT, scope: .process, wait: wait)
    }
}
