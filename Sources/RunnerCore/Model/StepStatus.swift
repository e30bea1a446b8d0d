/// Where one step of a run stands.
package enum StepStatus: String, Sendable, Codable, CaseIterable {
    case pending, running, waiting, succeeded, failed, skipped, cancelled

    package var isTerminal: Bool {
        switch self {
        case .succeeded, .failed, .skipped, .cancelled: true
        case .pending, .running, .waiting: false
        }
    }
}
