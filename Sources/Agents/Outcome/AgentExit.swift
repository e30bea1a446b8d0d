/// How the agent's process ended, as far as it is known.
package struct AgentExit: Sendable, Hashable {
    package var status: Int?
    package var signal: Int?
    /// The runner ended the process because it stayed on after its closing event; that is no failure.
    package var wasLingering: Bool

    package init(status: Int? = nil, signal: Int? = nil, wasLingering: Bool = false) {
        self.status = status
        self.signal = signal
        self.wasLingering = wasLingering
    }

    /// A recorded stream whose process is not known: only the stream is judged.
    package static let unknown = AgentExit()

    package static func status(_ status: Int) -> AgentExit {
        AgentExit(status: status)
    }

    package static func signal(_ signal: Int) -> AgentExit {
        AgentExit(signal: signal)
    }

    /// The signal that ended the process, also when the program itself reported it as 128 + number.
    var endingSignal: Int? {
        if let signal { return signal }
        guard let status, [130, 137, 143].contains(status) else { return nil }
        return status - 128
    }

    /// Nothing about the process's end speaks against success.
    var isClean: Bool {
        wasLingering || (signal == nil && (status ?? 0) == 0)
    }

    var words: String {
        switch endingSignal {
        case 1: "ended by SIGHUP"
        case 2: "ended by SIGINT"
        case 9: "killed by SIGKILL"
        case 15: "ended by SIGTERM"
        case .some(let number): "killed by signal \(number)"
        case nil: "exit status \(status ?? 0)"
        }
    }

    /// The kind of a failure of which only the process's end is known; nil for exit status 0.
    var failureKind: AgentErrorKind? {
        switch endingSignal {
        case 1, 2, 15: .interrupted
        case .some: .killed
        case nil: (status ?? 0) == 0 ? nil : .exitStatus
        }
    }
}
